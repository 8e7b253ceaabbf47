"""Teams: people of one Organization who are given roles together."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from access.ids import cuid
from access.querysets import ScopedQuerySet
from access.scopes import Principal, PrincipalKind, Scope, ScopeKind
from accounts.models.organization import Organization
from accounts.models.user import User
from audit.record import AuditPlace


class TeamQuerySet(ScopedQuerySet["Team"]):
    scope_paths: ClassVar = {ScopeKind.ORGANIZATION: "organization_id"}


class Team(models.Model):
    """A name for several people. Its roles are bindings, as a person's are; it never acts."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="teams")
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    is_idp_managed = models.BooleanField(default=False)
    """Whether the identity provider says who is in it; then nobody changes that by hand."""
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TeamQuerySet.as_manager()

    audited_fields: ClassVar[tuple[str, ...]] = ("name", "description", "is_idp_managed")
    secret_fields: ClassVar[tuple[str, ...]] = ()
    lasting_relations: ClassVar = ("organization",)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization", Lower("name"), name="team_name_once_in_organization"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> str:
        """Another one after each change of its name or description."""
        return self.updated_at.isoformat()

    @property
    def principal(self) -> Principal:
        return Principal(PrincipalKind.TEAM, self.pk, self.name)

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)


class TeamMembership(models.Model):
    """One person in one Team."""

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_by_rule = models.BooleanField(default=False)
    """Whether it follows the person's groups at the identity provider (`accounts.group_rules`)."""
    created_at = models.DateTimeField(auto_now_add=True)

    audited_fields: ClassVar[tuple[str, ...]] = ("team", "user")
    secret_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "user"], name="team_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"

    def access_scopes(self) -> tuple[Scope, ...]:
        return self.team.access_scopes()

    def audit_place(self) -> AuditPlace:
        return self.team.audit_place()
