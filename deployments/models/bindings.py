from __future__ import annotations

from typing import ClassVar

from django.db import models

from access.roles import DEPLOYMENT_ROLES
from access.scopes import Scope
from accounts.models import RoleBinding
from accounts.models.bindings import (
    by_end,
    once_per_team,
    once_per_token,
    once_per_user,
    one_role,
    one_subject,
)
from audit.record import AuditPlace
from deployments.models.deployment import Deployment


class DeploymentRoleBinding(RoleBinding):
    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="bindings")
    role = models.CharField(
        max_length=40, choices=[(r.value, r.label) for r in DEPLOYMENT_ROLES], blank=True
    )

    class Meta:
        indexes: ClassVar = [by_end("deployment_binding_by_end")]
        constraints: ClassVar = [
            one_subject("deployment_binding_one_subject"),
            one_role("deployment_binding_one_role"),
            once_per_user("deployment", "deployment_binding_once_per_user"),
            once_per_team("deployment", "deployment_binding_once_per_team"),
            once_per_token("deployment", "deployment_binding_once_per_token"),
        ]

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.deployment.access_scopes()

    def audit_place(self) -> AuditPlace:
        return self.deployment.audit_place()
