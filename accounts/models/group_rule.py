"""What groups of an identity provider are worth in an Organization, and who is in which."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.roles import AnyRole, Role
from access.scopes import Scope, ScopeKind
from accounts.models.custom_role import CustomRole
from accounts.models.organization import Organization
from accounts.models.sso_connection import SsoConnection
from accounts.models.team import Team
from accounts.models.user import User
from audit.record import AuditPlace

LONGEST_GROUP = 200


class GroupRuleQuerySet(ScopedQuerySet["GroupRule"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "organization_id"}


class GroupRule(models.Model):
    """Everybody in one group is in a Team, or has a role on one thing of the Organization."""

    class Kind(models.TextChoices):
        TEAM = "team", "Team"
        ORGANIZATION = "organization", "Organization"
        WORKSPACE = "workspace", "Workspace"
        DEPLOYMENT = "deployment", "Deployment"

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="group_rules")
    group = models.CharField(max_length=LONGEST_GROUP)
    """As the provider writes it, letter for letter."""
    kind = models.CharField(max_length=12, choices=Kind.choices)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    place_id = models.CharField(max_length=25, blank=True, default="")
    """On what a role is given; it may be gone by now, then the rule gives nothing."""
    role = models.CharField(max_length=40, blank=True, default="")
    custom_role = models.ForeignKey(
        CustomRole, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = GroupRuleQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = (
        "group", "kind", "team", "place_id", "role", "custom_role",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ()
    lasting_relations: ClassVar = ("organization",)

    class Meta:
        verbose_name = "group rule"
        ordering: ClassVar = ["group", "kind", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "group", "kind", "place_id", "team"],
                nulls_distinct=False,
                name="group_rule_once",
            ),
            models.CheckConstraint(
                name="group_rule_gives_one_thing",
                condition=Q(kind="team", team__isnull=False, role="", custom_role=None)
                | (~Q(kind="team") & Q(team=None) & ~Q(role="") & Q(custom_role=None))
                | (~Q(kind="team") & Q(team=None, role="", custom_role__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} → {self.team or self.given_role.label}"

    @property
    def given_role(self) -> AnyRole:
        """What it gives, where it does not put into a Team."""
        return self.custom_role.as_granted() if self.custom_role else Role(self.role)

    @property
    def version(self) -> str:
        """Another one after each change."""
        return self.updated_at.isoformat()

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)


class HeardGroups(models.Model):
    """The groups that a provider named at somebody's last sign-in."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    connection = models.ForeignKey(SsoConnection, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    groups = ArrayField(models.CharField(max_length=LONGEST_GROUP), default=list, blank=True)
    heard_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "user"], name="heard_groups_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {', '.join(self.groups)}"
