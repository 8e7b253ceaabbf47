from __future__ import annotations

from typing import ClassVar

from django.db import models

from access.encryption import EncryptedTextField
from access.ids import cuid
from accounts.models.sso_connection import SsoConnection


class SamlAnswer(models.Model):
    """An assertion that was proven: remembered until it expires, so that it counts once.

    What it says waits here, sealed, until the browser that began the sign-in comes for it.
    """

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    connection = models.ForeignKey(SsoConnection, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    """SHA-256 of the assertion's id."""
    ticket = models.CharField(max_length=64, unique=True, null=True)
    """SHA-256 of what the browser brings; None once it came."""
    content = EncryptedTextField(blank=True, default="")
    parked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "digest"], name="saml_answer_counts_once")
        ]

    def __str__(self) -> str:
        return f"{self.connection} until {self.expires_at}"
