from __future__ import annotations

from typing import ClassVar

from django.db import models

from access.encryption import EncryptedTextField
from access.ids import cuid
from deployments.models.deployment import Deployment


class EnvironmentVariable(models.Model):
    """One variable of a Deployment's processes; encrypted at rest, secret or not."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="variables")
    key = models.CharField(max_length=255)
    value = EncryptedTextField(blank=True)
    is_secret = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["deployment", "key"], name="variable_key_once")
        ]

    def __str__(self) -> str:
        return self.key
