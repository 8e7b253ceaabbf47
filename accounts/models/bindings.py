"""Grants: who holds which role. Each scope's app owns a concrete table with real keys."""

from __future__ import annotations

from typing import ClassVar, cast

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from access.ids import cuid
from access.roles import ORGANIZATION_ROLES, AnyRole, Role
from access.scopes import Scope
from accounts.models.custom_role import CustomRole
from accounts.models.organization import Organization
from accounts.models.team import Team
from accounts.models.token import ApiToken
from accounts.models.user import User
from audit.record import AuditPlace


class RoleBinding(models.Model):
    """One role for one subject, a person, a Team or an API token, for ever or until a moment.

    The role is one of the table in `access.roles`, or one that the Organization made.
    """

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    api_token = models.ForeignKey(ApiToken, models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=40, blank=True)
    custom_role = models.ForeignKey(
        CustomRole, models.PROTECT, null=True, blank=True, related_name="+"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    """From then on it gives nothing; beat removes it and says so in the log."""
    is_by_rule = models.BooleanField(default=False)
    """Whether it follows the holder's groups at the identity provider (`accounts.group_rules`)."""
    created_at = models.DateTimeField(auto_now_add=True)

    audited_fields: ClassVar[tuple[str, ...]] = ("role", "custom_role", "expires_at")
    secret_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.user or self.team or self.api_token}: {self.role or self.custom_role}"

    @property
    def held_role(self) -> AnyRole:
        """What it gives, whoever made the role."""
        return self.custom_role.as_granted() if self.custom_role else Role(self.role)

    @property
    def holder(self) -> User | Team | ApiToken:
        """Whose it is."""
        return cast("User | Team | ApiToken", self.user or self.team or self.api_token)

    @property
    def shown(self) -> str:
        """As people read it: `Operator until 2026-11-27 18:00 UTC`."""
        end = f" until {self.expires_at:%Y-%m-%d %H:%M} UTC" if self.expires_at else ""
        return f"{self.held_role.label}{end}"

    @property
    def worth(self) -> str:
        """Role and end in one word; it changes whenever either does."""
        return f"{self.role or self.custom_role_id}|{self.expires_at or ''}"

    @property
    def has_ended(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


def lasting() -> Q:
    """Those that have not ended."""
    return Q(expires_at=None) | Q(expires_at__gt=Now())


def one_subject(name: str) -> models.CheckConstraint:
    """Exactly one of `user`, `team` and `api_token` is set."""
    subjects = ("user", "team", "api_token")
    only = [Q(**{f"{other}__isnull": other != each for other in subjects}) for each in subjects]
    return models.CheckConstraint(name=name, condition=only[0] | only[1] | only[2])


def one_role(name: str) -> models.CheckConstraint:
    """Either a role of the table or one of the Organization."""
    condition = Q(role="", custom_role__isnull=False) | (~Q(role="") & Q(custom_role__isnull=True))
    return models.CheckConstraint(name=name, condition=condition)


def once_per_user(scope: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=[scope, "user"], condition=Q(user__isnull=False), name=name
    )


def once_per_token(scope: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=[scope, "api_token"], condition=Q(api_token__isnull=False), name=name
    )


def once_per_team(scope: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=[scope, "team"], condition=Q(team__isnull=False), name=name
    )


def by_end(name: str) -> models.Index:
    """For beat, which looks every ten seconds for the few that end at all."""
    return models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name=name)


class OrganizationRoleBinding(RoleBinding):
    """Membership of an Organization: each member has exactly one role in it."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="bindings")
    role = models.CharField(
        max_length=40, choices=[(r.value, r.label) for r in ORGANIZATION_ROLES], blank=True
    )

    class Meta:
        indexes: ClassVar = [
            by_end("organization_binding_by_end"),
            # The few Owners among many thousand members
            models.Index(fields=["organization", "role"], name="organization_binding_by_role"),
        ]
        constraints: ClassVar = [
            one_subject("organization_binding_one_subject"),
            one_role("organization_binding_one_role"),
            once_per_user("organization", "organization_binding_once_per_user"),
            once_per_team("organization", "organization_binding_once_per_team"),
            once_per_token("organization", "organization_binding_once_per_token"),
        ]

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.organization.access_scopes()

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)
