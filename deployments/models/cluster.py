from __future__ import annotations

from typing import ClassVar

from django.db import models

from access.ids import cuid
from accounts.models import Organization


class Cluster(models.Model):
    """A place that runs Deployments, and the backend that knows how.

    A cluster without an Organization is standard: open to all of them. The local one exists
    from the first migration.
    """

    class Backend(models.TextChoices):
        LOCAL = "local", "Processes on this machine"
        MEMORY = "memory", "Nothing real, for tests"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    name = models.CharField(max_length=100, unique=True)
    backend = models.CharField(max_length=16, choices=Backend.choices)
    options = models.JSONField(default=dict, blank=True)
    """Keyword arguments of the backend's constructor."""
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, blank=True, related_name="clusters"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
