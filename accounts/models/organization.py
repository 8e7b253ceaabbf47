from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.scopes import INSTALLATION, Scope, ScopeKind
from accounts.models.networks import NetworkField
from audit.record import AuditPlace


class OrganizationQuerySet(ScopedQuerySet["Organization"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "pk"}


class Organization(models.Model):
    """The customer: it owns Workspaces and has people. Its id never changes."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        INACTIVE = "INACTIVE", "Inactive"
        SUSPENDED = "SUSPENDED", "Suspended"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    name = models.CharField(max_length=50)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    allows_deprecated_runtimes = models.BooleanField(default=False)
    audit_retention_days = models.PositiveIntegerField(null=True, blank=True)
    """How long its audit log is kept; None: for ever."""
    ip_ranges = models.JSONField(default=list, blank=True)
    """From where it may be used, as its Owners wrote it: `network` and `note` of each."""
    restricts_ip = models.BooleanField(default=False)
    """Whether that counts."""
    admitted_networks = ArrayField(NetworkField(), default=list, blank=True)
    """What counts of it, asked for with each grant; empty: everywhere."""
    api_token_max_days = models.PositiveIntegerField(null=True, blank=True)
    """The longest life of an API token made from now on, which then must end; None: 3,650 days or
    no end."""
    is_scim_on = models.BooleanField(default=False)
    """Whether its identity provider says who is here and in which Team (RFC 7644)."""
    suspension_reason = models.CharField(max_length=500, blank=True, default="")
    """What its people read while it is suspended."""
    suspension_contact = models.CharField(max_length=254, blank=True, default="")
    """Whom they are told to ask."""
    suspended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    owner_link: str = ""
    """The first Owner's invitation; only on the object that was just made for a stranger."""
    exported: str = ""
    """Which part of its audit log is being copied; only while that is written down."""

    objects = OrganizationQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "name", "status", "suspension_reason", "allows_deprecated_runtimes",
        "audit_retention_days", "restricts_ip", "ip_ranges", "api_token_max_days", "is_scim_on",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.pk), INSTALLATION)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.pk)
