"""Roles that an Organization puts together itself."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from access import roles
from access.ids import cuid
from access.permissions import Permission
from access.querysets import ScopedQuerySet
from access.scopes import Scope, ScopeKind
from accounts.models.organization import Organization
from accounts.models.user import User
from audit.record import AuditPlace

ENTRANCE = {
    "ORGANIZATION": Permission.ORGANIZATION_GET,
    "WORKSPACE": Permission.WORKSPACE_GET_BASIC,
    "DEPLOYMENT": Permission.DEPLOYMENT_GET,
}
"""Without it nobody would find what they have the other rights on."""


class CustomRoleQuerySet(ScopedQuerySet["CustomRole"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "organization_id"}


class CustomRole(models.Model):
    """A named set of rights, given on one kind of scope. It adds to every other role."""

    class ScopeType(models.TextChoices):
        ORGANIZATION = "ORGANIZATION", "Organization"
        WORKSPACE = "WORKSPACE", "Workspace"
        DEPLOYMENT = "DEPLOYMENT", "Deployment"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="custom_roles")
    scope_type = models.CharField(max_length=12, choices=ScopeType.choices)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    permissions = ArrayField(models.CharField(max_length=80))
    """Published ids, sorted; one that a later console no longer knows gives nothing."""
    restricted_workspace_ids = ArrayField(models.CharField(max_length=25), default=list, blank=True)
    """Where it may be given; empty: everywhere."""
    version = models.PositiveIntegerField(default=1)
    """Counts its changes, so that of two who edit it at once the second is told."""
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CustomRoleQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "name", "description", "scope_type", "permissions", "restricted_workspace_ids",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ()
    lasting_relations: ClassVar = ("organization",)

    class Meta:
        verbose_name = "role"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization", Lower("name"), name="custom_role_name_once_in_organization"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def as_granted(self) -> roles.CustomRole:
        """What a grant of it is worth: its rights, and the one to enter its scope."""
        known = {Permission(each) for each in self.permissions if each in _KNOWN}
        return roles.CustomRole(self.pk, self.name, frozenset(known | {ENTRANCE[self.scope_type]}))

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)


_KNOWN = frozenset(each.value for each in Permission)
