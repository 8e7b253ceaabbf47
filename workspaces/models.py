from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.roles import WORKSPACE_ROLES
from access.scopes import Scope, ScopeKind
from accounts.models import Organization, RoleBinding, User
from accounts.models.bindings import (
    by_end,
    once_per_team,
    once_per_token,
    once_per_user,
    one_role,
    one_subject,
)
from audit.record import AuditPlace


class WorkspaceQuerySet(ScopedQuerySet["Workspace"]):
    scope_paths: ClassVar = {
        ScopeKind.WORKSPACE: "pk",
        ScopeKind.ORGANIZATION: "organization_id",
    }


class Workspace(models.Model):
    """A group of Deployments and of the people who may use them; it takes no resources."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="workspaces")
    name = models.CharField(max_length=50)
    description = models.CharField(max_length=1000, blank=True)
    enforces_ci_cd = models.BooleanField(default=False)
    """Default for new Deployments: accept only deploys made with an API token."""
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkspaceQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = ("name", "description", "enforces_ci_cd")
    secret_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization", Lower("name"), name="workspace_name_once_in_organization"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def access_scopes(self) -> tuple[Scope, ...]:
        return (
            Scope(ScopeKind.WORKSPACE, self.pk),
            Scope(ScopeKind.ORGANIZATION, self.organization_id),
        )

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id, workspace_id=self.pk)


class WorkspaceRoleBinding(RoleBinding):
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="bindings")
    role = models.CharField(
        max_length=40, choices=[(r.value, r.label) for r in WORKSPACE_ROLES], blank=True
    )

    class Meta:
        indexes: ClassVar = [by_end("workspace_binding_by_end")]
        constraints: ClassVar = [
            one_subject("workspace_binding_one_subject"),
            one_role("workspace_binding_one_role"),
            once_per_user("workspace", "workspace_binding_once_per_user"),
            once_per_team("workspace", "workspace_binding_once_per_team"),
            once_per_token("workspace", "workspace_binding_once_per_token"),
        ]

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.workspace.access_scopes()

    def audit_place(self) -> AuditPlace:
        return self.workspace.audit_place()
