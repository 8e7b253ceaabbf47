from __future__ import annotations

from typing import ClassVar

from django.db import models

from access.ids import cuid
from accounts.models.sso_connection import SsoConnection
from accounts.models.user import User


class SsoIdentity(models.Model):
    """Whom one identity provider means by a subject. Equal subjects of two never meet."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    connection = models.ForeignKey(SsoConnection, models.CASCADE, related_name="identities")
    subject = models.CharField(max_length=500)
    user = models.ForeignKey(User, models.CASCADE, related_name="sso_identities")
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "subject"], name="sso_identity_once_in_connection"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} by {self.connection}"
