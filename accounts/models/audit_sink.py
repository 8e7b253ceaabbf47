"""Where an Organization's audit log is sent on, row by row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from access.encryption import EncryptedTextField
from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.scopes import Scope, ScopeKind
from accounts.models.organization import Organization
from audit.record import AuditPlace


class AuditSinkQuerySet(ScopedQuerySet["AuditSink"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "organization_id"}


class AuditSink(models.Model):
    """One place that takes the log's sealed rows in their order, each at least once."""

    class Kind(models.TextChoices):
        FILE = "FILE", "File"
        SYSLOG = "SYSLOG", "Syslog"
        HTTP = "HTTP", "HTTP"

    class Transport(models.TextChoices):
        TLS = "TLS", "TLS"
        TCP = "TCP", "TCP"
        UDP = "UDP", "UDP"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="audit_sinks")
    name = models.CharField(max_length=50)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    target = models.CharField(max_length=2000)
    """A URL, `host:port`, or the name of a file in the operator's folder."""
    transport = models.CharField(max_length=3, choices=Transport.choices, blank=True)
    header = models.CharField(max_length=100, blank=True)
    secret = EncryptedTextField(blank=True, default="")
    """The value of `header`; never shown again."""
    is_on = models.BooleanField(default=True)
    sent_through = models.BigIntegerField(default=0)
    """The number of the last seal whose rows were all taken."""
    sent_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    """In a row, since something was taken."""
    fault = models.CharField(max_length=500, blank=True, default="")
    next_try_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    """One worker at a time sends; what it claimed is free again after this."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AuditSinkQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "name", "kind", "target", "transport", "header", "is_on",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ("secret",)

    class Meta:
        verbose_name = "audit log sink"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization", Lower("name"), name="sink_name_once_in_organization"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.organization.access_scopes()

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)
