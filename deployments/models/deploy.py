from __future__ import annotations

from typing import ClassVar

from django.db import models

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.scopes import Scope, ScopeKind
from audit.record import AuditPlace
from deployments.models.deployment import Deployment


class DeployQuerySet(ScopedQuerySet["Deploy"]):
    scope_paths: ClassVar = {
        ScopeKind.DEPLOYMENT: "deployment_id",
        ScopeKind.WORKSPACE: "deployment__workspace_id",
        ScopeKind.ORGANIZATION: "deployment__organization_id",
    }


class Deploy(models.Model):
    """One immutable version of a project's code, as it was handed over.

    It is INITIALIZED until its upload was finalized, then DEPLOYED or FAILED. A roll back is a
    deploy of its own, which names the one whose content it brings back.
    """

    class Kind(models.TextChoices):
        IMAGE_AND_DAG = "IMAGE_AND_DAG", "Image and DAGs"
        IMAGE_ONLY = "IMAGE_ONLY", "Image"
        DAG_ONLY = "DAG_ONLY", "DAGs"
        BUNDLE = "BUNDLE", "Bundle"

    class Status(models.TextChoices):
        INITIALIZED = "INITIALIZED", "Waiting for upload"
        DEPLOYED = "DEPLOYED", "Deployed"
        FAILED = "FAILED", "Failed"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="deploys")
    number = models.PositiveIntegerField()
    """Counts from 1 within the Deployment; people say "deploy 41"."""
    kind = models.CharField(max_length=14, choices=Kind.choices, default=Kind.DAG_ONLY)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.INITIALIZED)
    failure_cause = models.CharField(max_length=1000, blank=True)
    failure_remedy = models.CharField(max_length=1000, blank=True)
    description = models.CharField(max_length=500, blank=True)
    git = models.JSONField(default=dict, blank=True)
    runtime_version = models.CharField(max_length=40)
    rollback_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="rolled_back_by"
    )
    """The deploy whose content this roll back reuses."""
    content_version = models.CharField(max_length=25, blank=True)
    """Id of the deploy under which the unpacked files lie; a roll back points to an older one."""
    upload_secret_hash = models.CharField(max_length=64, blank=True)
    upload_version = models.CharField(max_length=64, blank=True)
    """What the upload answered as `x-ms-version-id`; finalize has to name it."""
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    file_count = models.PositiveIntegerField(default=0)
    import_errors = models.JSONField(default=list, blank=True)
    """`{file, line, message}` for each file that Airflow could not parse."""
    created_by_kind = models.CharField(max_length=16)
    created_by_id = models.CharField(max_length=25, blank=True)
    created_by_label = models.CharField(max_length=320)
    created_at = models.DateTimeField(auto_now_add=True)
    finalized_at = models.DateTimeField(null=True, blank=True)
    active_at = models.DateTimeField(null=True, blank=True)
    """When the backend had switched to it."""
    visible_at = models.DateTimeField(null=True, blank=True)
    """When Airflow's own API showed it."""

    unseen_files = models.JSONField(default=list, blank=True)
    """DAG files that Airflow showed neither as a DAG nor as an error before the deadline."""
    followed_until = models.DateTimeField(null=True, blank=True)
    """When the console stopped to look for the deploy in Airflow: seen, or given up."""

    upload_secret: str = ""
    """Only on the object that was just begun; the database keeps its hash."""

    objects = DeployQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "number", "kind", "status", "description", "git", "sha256", "rollback_from_id",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ("upload_secret_hash",)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["deployment", "number"], name="deploy_number_once_in_deployment"
            )
        ]

    def __str__(self) -> str:
        return f"deploy #{self.number}"

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.deployment.access_scopes()

    def audit_place(self) -> AuditPlace:
        return self.deployment.audit_place()
