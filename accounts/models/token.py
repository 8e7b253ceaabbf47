from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.scopes import Principal, PrincipalKind, Scope, ScopeKind
from accounts.models.organization import Organization
from accounts.models.user import User
from audit.record import AuditPlace


class ApiTokenQuerySet(ScopedQuerySet["ApiToken"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "organization_id"}


class ApiToken(models.Model):
    """A machine's key: a JWT whose id is looked up here on every call.

    The value is shown once. Only its SHA-256 and a short prefix are kept. Its rights are role
    bindings like a person's; the JWT itself only identifies.
    """

    class Kind(models.TextChoices):
        ORGANIZATION = "ORGANIZATION", "Organization"
        WORKSPACE = "WORKSPACE", "Workspace"
        DEPLOYMENT = "DEPLOYMENT", "Deployment"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="api_tokens")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    scope_id = models.CharField(max_length=25)
    """Id of the Organization, Workspace or Deployment that the token belongs to."""
    name = models.CharField(max_length=256)
    description = models.CharField(max_length=500, blank=True)
    prefix = models.CharField(max_length=24, blank=True)
    value_hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.CharField(max_length=45, blank=True, default="")
    rotated_at = models.DateTimeField(null=True, blank=True)
    rotated_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    """Who learnt the value that counts now; None: whoever made it."""
    address_ranges = models.JSONField(default=list, blank=True)
    """Networks from which alone it is accepted, as `10.0.0.0/8`; empty: from everywhere."""
    form_key = models.CharField(max_length=32, null=True, blank=True, unique=True)
    """Which form it was made with, so that a form sent twice makes one token."""
    revoked_at = models.DateTimeField(null=True, blank=True)

    value: str = ""
    """Only on the object that was just issued or rotated; the database keeps its hash."""

    objects = ApiTokenQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "name", "description", "kind", "scope_id", "expires_at", "revoked_at",
        "address_ranges",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ("value_hash",)

    class Meta:
        verbose_name = "API token"
        ordering: ClassVar = ["name", "id"]
        indexes: ClassVar = [models.Index(fields=["kind", "scope_id"], name="token_by_scope")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and not self.has_expired

    @property
    def principal(self) -> Principal:
        """This token as the subject of grants and of audit rows."""
        return Principal(PrincipalKind.API_TOKEN, self.pk, self.name)

    def access_scopes(self) -> tuple[Scope, ...]:
        own = Scope(ScopeKind(self.kind.lower()), self.scope_id)
        organization = Scope(ScopeKind.ORGANIZATION, self.organization_id)
        return (own,) if own == organization else (own, organization)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(
            organization_id=self.organization_id,
            workspace_id=self.scope_id if self.kind == self.Kind.WORKSPACE else "",
            deployment_id=self.scope_id if self.kind == self.Kind.DEPLOYMENT else "",
        )
