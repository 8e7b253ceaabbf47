from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.roles import ORGANIZATION_ROLES, Role
from access.scopes import Scope, ScopeKind
from accounts.models.organization import Organization
from accounts.models.user import User
from audit.record import AuditPlace

USUAL_DAYS, MOST_DAYS = 7, 30


class InvitationQuerySet(ScopedQuerySet["Invitation"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "organization_id"}

    def pending(self) -> InvitationQuerySet:
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


def default_expiry() -> object:
    return timezone.now() + timedelta(days=USUAL_DAYS)


class Invitation(models.Model):
    """An offer to join an Organization; the link works once, for as many days as were chosen.

    `workspace_roles` maps Workspace ids to roles which the invitee gets on accepting.
    """

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(
        max_length=40,
        choices=[(r.value, r.label) for r in ORGANIZATION_ROLES],
        default=Role.ORGANIZATION_MEMBER,
    )
    workspace_roles = models.JSONField(default=dict, blank=True)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    days = models.PositiveSmallIntegerField(default=USUAL_DAYS)
    """How long each link of it works."""
    expires_at = models.DateTimeField(default=default_expiry)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    link: str = ""
    """The address to open; only on the object that a service has just made a link for."""

    is_mailed: bool = False
    """Whether a mail server took the link just made."""

    objects = InvitationQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "email", "role", "workspace_roles", "expires_at", "accepted_at", "revoked_at",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ("secret_hash",)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.email

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.organization.access_scopes()

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)
