from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from access.ids import cuid
from access.scopes import Scope, ScopeKind
from accounts.models.organization import Organization
from accounts.models.user import User
from audit.record import AuditPlace


class SsoBypass(models.Model):
    """A link by which one member signs in, once, past the rule of their domain."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.OneToOneField(Organization, models.CASCADE, related_name="sso_bypass")
    secret_hash = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    link: str = ""
    """Only on the object that was just made."""

    audited_fields: ClassVar[tuple[str, ...]] = ("expires_at", "used_at", "used_by")
    secret_fields: ClassVar[tuple[str, ...]] = ("secret_hash",)
    lasting_relations: ClassVar = ("organization",)

    class Meta:
        verbose_name = "bypass link"

    def __str__(self) -> str:
        return f"Bypass link of {self.organization}"

    @property
    def is_usable(self) -> bool:
        return self.used_at is None and self.expires_at > timezone.now()

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)
