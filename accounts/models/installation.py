from __future__ import annotations

from typing import ClassVar

from django.db import models

from access.scopes import INSTALLATION, Scope
from audit.record import AuditPlace

LOG = AuditPlace(organization_id=INSTALLATION.id)
"""Where the installation's own rows of the audit log stand."""


class Installation(models.Model):
    """What is set for the whole installation, whatever Organization: one row, made when asked."""

    class SignUp(models.TextChoices):
        """Who may make an account without an invitation."""

        INVITATION = "INVITATION", "By invitation"
        DOMAINS = "DOMAINS", "For listed domains"
        OPEN = "OPEN", "Open"

    id = models.CharField(primary_key=True, max_length=25, default=INSTALLATION.id, editable=False)
    sign_up = models.CharField(max_length=10, choices=SignUp.choices, default=SignUp.INVITATION)
    sign_up_domains = models.JSONField(default=list, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    audited_fields: ClassVar[tuple[str, ...]] = ("sign_up", "sign_up_domains")
    secret_fields: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return "Installation"

    @classmethod
    def current(cls) -> Installation:
        """The one there is."""
        return cls._default_manager.get_or_create(pk=INSTALLATION.id)[0]

    def access_scopes(self) -> tuple[Scope, ...]:
        return (INSTALLATION,)

    def audit_place(self) -> AuditPlace:
        return LOG
