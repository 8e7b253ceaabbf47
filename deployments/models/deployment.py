from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.scopes import Scope, ScopeKind
from accounts.models import Organization, User
from audit.record import AuditPlace
from deployments import lifecycle
from deployments.lifecycle import Status, Trigger
from deployments.models.cluster import Cluster
from runtime import catalogue
from web.errors import Conflict
from web.prepared import insert, update
from workspaces.models import Workspace

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Wish(models.TextChoices):
    """What somebody wants of a Deployment; the reconciler makes it so."""

    RUNNING = "RUNNING", "Running"
    STOPPED = "STOPPED", "Hibernating"
    DELETED = "DELETED", "Deleted"


class DeploymentQuerySet(ScopedQuerySet["Deployment"]):
    scope_paths: ClassVar = {
        ScopeKind.DEPLOYMENT: "pk",
        ScopeKind.WORKSPACE: "workspace_id",
        ScopeKind.ORGANIZATION: "organization_id",
    }

    def present(self) -> DeploymentQuerySet:
        """Without those that are deleted and only retained."""
        return self.exclude(status=Status.DELETED)

    def unsettled(self) -> DeploymentQuerySet:
        """Those whose wish the world has not caught up with."""
        return self.filter(is_settled=False)


class Deployment(models.Model):
    """A whole Airflow environment: the wish for it, and what was last seen of it."""

    class Executor(models.TextChoices):
        ASTRO = "ASTRO", "Astro"
        """Runs as Local on this console's clusters; kept so that clients read what they wrote."""
        CELERY = "CELERY", "Celery"
        LOCAL = "LOCAL", "Local"

    class SchedulerSize(models.TextChoices):
        SMALL = "SMALL", "Small"
        MEDIUM = "MEDIUM", "Medium"
        LARGE = "LARGE", "Large"
        EXTRA_LARGE = "EXTRA_LARGE", "Extra large"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="deployments")
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="deployments")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="deployments")
    name = models.CharField(max_length=500)
    description = models.CharField(max_length=1000, blank=True)
    namespace = models.CharField(max_length=63, unique=True, editable=False)
    runtime_version = models.CharField(max_length=40)
    executor = models.CharField(max_length=10, choices=Executor.choices, default=Executor.CELERY)
    scheduler_size = models.CharField(
        max_length=12, choices=SchedulerSize.choices, default=SchedulerSize.SMALL
    )
    is_development_mode = models.BooleanField(default=False)
    enforces_ci_cd = models.BooleanField(default=False)
    contact_emails = models.JSONField(default=list, blank=True)

    status = models.CharField(
        max_length=12, choices=[(s.value, s.value.title()) for s in Status], default=Status.CREATING
    )
    status_reason = models.CharField(max_length=1000, blank=True)
    wish = models.CharField(max_length=8, choices=Wish.choices, default=Wish.RUNNING)
    generation = models.PositiveIntegerField(default=1)
    """Grows with every change of the wish."""
    applied_generation = models.PositiveIntegerField(default=0)
    """The newest generation that was handed to the backend."""
    is_settled = models.BooleanField(default=False)
    """False while the world has not caught up with the wish; then the reconciler works."""
    sleeps_by_suspension = models.BooleanField(default=False)
    """Put to sleep because its Organization was suspended; wakes when that is resumed."""
    current_deploy = models.ForeignKey(
        "deployments.Deploy", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """The deploy that is wished for; `active_deploy_id` is the one that Airflow serves."""
    active_deploy_id = models.CharField(max_length=25, blank=True)
    backend_state = models.JSONField(default=dict, blank=True)
    endpoint = models.CharField(max_length=200, blank=True)
    endpoint_uid = models.PositiveIntegerField(default=0)
    """The user of this machine that must be who listens there; 0: whoever."""
    components = models.JSONField(default=list, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)

    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    """Grows with each claim; a worker whose fence is old may no longer write."""

    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    healthy_at = models.DateTimeField(null=True, blank=True)
    """When it first became healthy."""
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = DeploymentQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "name", "description", "runtime_version", "executor", "scheduler_size",
        "is_development_mode", "enforces_ci_cd", "contact_emails", "status", "wish",
        "current_deploy_id",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ()
    lasting_relations: ClassVar[tuple[str, ...]] = ("cluster",)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                condition=~Q(status=Status.DELETED),
                name="deployment_name_once_in_workspace",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["lease_until"], condition=Q(is_settled=False), name="deployment_unsettled"
            ),
            models.Index(fields=["organization", "name", "id"], name="deployment_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def access_scopes(self) -> tuple[Scope, ...]:
        return (
            Scope(ScopeKind.DEPLOYMENT, self.pk),
            Scope(ScopeKind.WORKSPACE, self.workspace_id),
            Scope(ScopeKind.ORGANIZATION, self.organization_id),
        )

    def audit_place(self) -> AuditPlace:
        return AuditPlace(self.organization_id, self.workspace_id, self.pk)

    @property
    def is_awake(self) -> bool:
        return self.wish == Wish.RUNNING

    @property
    def is_asleep(self) -> bool:
        return self.status == Status.HIBERNATING

    @property
    def takes_changes(self) -> bool:
        """Not while it is created or goes, nor while a failed hibernation or deletion stands."""
        is_kept = self.wish == Wish.RUNNING or self.is_asleep
        return is_kept and Trigger.CHANGE in self.possible

    @property
    def airflow_version(self) -> str:
        """Of its runtime; empty when the catalogue no longer knows that."""
        try:
            return catalogue.get(self.runtime_version).airflow_version
        except catalogue.UnknownRuntimeError:
            return ""

    @property
    def possible(self) -> frozenset[Trigger]:
        return lifecycle.possible(Status(self.status))

    def advance(
        self, trigger: Trigger, *, reason: str = "", also: Mapping[str, Any] = _NOTHING
    ) -> None:
        """Move to the status that `trigger` leads to, and write down the move.

        The only writer of `status`. Compare-and-swap: raises Conflict when the status is no
        longer what this object read, or when the trigger means nothing in it. Where status and
        reason stay what they are, no move is written. Fields in `also` change with it.
        """
        origin = Status(self.status)
        try:
            target = lifecycle.after(origin, trigger)
        except lifecycle.IllegalTransitionError:
            raise Conflict(
                f"This Deployment is {origin.value.lower()}, so it cannot be changed this way now.",
                remedy="Wait until the running operation ends, then try again.",
            ) from None
        reason = reason[:1000]
        is_move = (target, reason) != (origin, self.status_reason)
        moved = {"status": target, "status_reason": reason} if is_move else {}
        if not (moved or also):
            return
        values = {**moved, **also, "updated_at": timezone.now()}
        if not update(self, values, status=origin):
            raise Conflict(
                "Somebody changed this Deployment a moment ago.", remedy="Reload and try again."
            )
        for name, value in values.items():
            setattr(self, name, value)
        if is_move:
            move = {"origin": origin, "target": target, "trigger": trigger, "reason": reason}
            insert(StatusChange(deployment=self, **move))


class StatusChange(models.Model):
    """One move of a Deployment between statuses: its timeline."""

    id = models.BigAutoField(primary_key=True)
    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="status_changes")
    at = models.DateTimeField(auto_now_add=True)
    origin = models.CharField(max_length=12)
    target = models.CharField(max_length=12)
    trigger = models.CharField(max_length=20)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.origin} → {self.target}"
