from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.scopes import Scope, ScopeKind
from accounts.models import Organization
from deployments.models.deploy import Deploy
from deployments.models.deployment import Deployment


class OperationQuerySet(ScopedQuerySet["Operation"]):
    scope_paths: ClassVar = {
        ScopeKind.DEPLOYMENT: "deployment_id",
        ScopeKind.WORKSPACE: "deployment__workspace_id",
        ScopeKind.ORGANIZATION: "organization_id",
    }


class Operation(models.Model):
    """Something that takes time, from the wish to its end: success or a readable failure."""

    class Kind(models.TextChoices):
        CREATE = "CREATE", "Create"
        UPDATE = "UPDATE", "Change"
        DEPLOY = "DEPLOY", "Deploy"
        ROLL_BACK = "ROLL_BACK", "Roll back"
        HIBERNATE = "HIBERNATE", "Hibernate"
        WAKE = "WAKE", "Wake"
        RETRY = "RETRY", "Retry"
        DELETE = "DELETE", "Delete"
        RESTORE = "RESTORE", "Restore"

    class Status(models.TextChoices):
        RUNNING = "RUNNING", "Running"
        SUCCEEDED = "SUCCEEDED", "Succeeded"
        FAILED = "FAILED", "Failed"
        SUPERSEDED = "SUPERSEDED", "Replaced by a newer one"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="operations")
    """Its Deployment's, kept here so that the newest of one customer are found by an index."""
    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="operations")
    deploy = models.ForeignKey(Deploy, models.SET_NULL, null=True, related_name="operations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    generation = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    failure_cause = models.CharField(max_length=1000, blank=True)
    failure_remedy = models.CharField(max_length=1000, blank=True)
    started_by_kind = models.CharField(max_length=16)
    started_by_id = models.CharField(max_length=25, blank=True)
    started_by_label = models.CharField(max_length=320)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    deadline = models.DateTimeField()

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at", "-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "-started_at", "-id"], name="operation_by_organization"
            ),
            models.Index(fields=["deployment", "-started_at"], name="operation_by_deployment"),
            models.Index(fields=["started_by_id", "-started_at"], name="operation_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.deployment}"

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.deployment.access_scopes()

    @property
    def took(self) -> timedelta | None:
        """How long it took; None while it runs."""
        return self.finished_at - self.started_at if self.finished_at else None

    @property
    def is_running(self) -> bool:
        return self.status == self.Status.RUNNING


class OperationStep(models.Model):
    """A named step of an operation, as the backend last reported it."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    state = models.CharField(max_length=10)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=1000, blank=True)
    log = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["operation", "name"], name="step_once_in_operation")
        ]

    def __str__(self) -> str:
        return self.label
