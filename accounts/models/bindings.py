"""Grants: who holds which role. Each scope's app owns a concrete table with real keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from access.ids import cuid
from access.roles import ORGANIZATION_ROLES
from access.scopes import Scope
from accounts.models.organization import Organization
from accounts.models.token import ApiToken
from accounts.models.user import User
from audit.record import AuditPlace


class RoleBinding(models.Model):
    """One role for one subject; the subject is a person or an API token, never both."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    api_token = models.ForeignKey(ApiToken, models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    audited_fields: ClassVar[tuple[str, ...]] = ("role",)
    secret_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.user or self.api_token}: {self.role}"


def one_subject(name: str) -> models.CheckConstraint:
    """Exactly one of `user` and `api_token` is set."""
    return models.CheckConstraint(
        name=name,
        condition=Q(user__isnull=False, api_token__isnull=True)
        | Q(user__isnull=True, api_token__isnull=False),
    )


def once_per_user(scope: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=[scope, "user"], condition=Q(user__isnull=False), name=name
    )


def once_per_token(scope: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=[scope, "api_token"], condition=Q(api_token__isnull=False), name=name
    )


class OrganizationRoleBinding(RoleBinding):
    """Membership of an Organization: each member has exactly one role in it."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="bindings")
    role = models.CharField(max_length=40, choices=[(r.value, r.label) for r in ORGANIZATION_ROLES])

    class Meta:
        constraints: ClassVar = [
            one_subject("organization_binding_one_subject"),
            once_per_user("organization", "organization_binding_once_per_user"),
            once_per_token("organization", "organization_binding_once_per_token"),
        ]

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.organization.access_scopes()

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)
