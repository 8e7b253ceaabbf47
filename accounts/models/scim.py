"""What an identity provider keeps here by SCIM: its people, its groups, and who is in which.

These rows are the provider's word. What follows from it (accounts, memberships, Teams) is made by
`accounts.services.provisioning`, and only as far as the Organization may decide it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from access.ids import cuid
from access.scopes import Scope, ScopeKind
from accounts.models.invitation import Invitation
from accounts.models.organization import Organization
from accounts.models.team import Team
from accounts.models.user import User
from audit.record import AuditPlace


class ProvisionedUser(models.Model):
    """One person as an Organization's identity provider describes them.

    `user` is the account, once the address lies in a domain that the Organization has proven or
    its person joined by themself; until then the row is a description and nothing else.
    """

    id = models.CharField(primary_key=True, max_length=25, default=cuid, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="provisioned_users", db_index=False
    )
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    user_name = models.CharField(max_length=254)
    user_name_key = models.CharField(max_length=254)
    """`user_name` in small letters: by it the provider asks, in whatever letter case."""
    external_id = models.CharField(max_length=255, blank=True, default="")
    is_active = models.BooleanField(default=True)
    says_active = models.BooleanField(default=True)
    """Whether the provider says so; where it took its word back, the person stays as they were."""
    email = models.CharField(max_length=254, blank=True, default="")
    """The address that an account goes by, in small letters; empty where there is none."""
    full_name = models.CharField(max_length=100, blank=True, default="")
    attributes = models.JSONField(default=dict)
    """All else that the provider said, as RFC 7643 writes it."""
    invitation = models.ForeignKey(
        Invitation, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """What waits for a person whom the Organization may not simply take in."""
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    audited_fields: ClassVar[tuple[str, ...]] = (
        "user_name", "external_id", "is_active", "email", "full_name", "user_id",
    )  # fmt: skip
    secret_fields: ClassVar[tuple[str, ...]] = ()
    lasting_relations: ClassVar = ("organization",)

    class Meta:
        verbose_name = "provisioned user"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "id"], name="scim_user_in_order"),
            models.Index(fields=["organization", "email"], name="scim_user_by_email"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "user_name_key"], name="scim_user_name_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=~Q(external_id=""),
                name="scim_user_external_id_once",
            ),
            models.UniqueConstraint(
                fields=["user", "organization"],
                condition=Q(user__isnull=False),
                name="scim_user_account_once",
            ),
        ]

    def __str__(self) -> str:
        return self.user_name

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)


class ProvisionedGroup(models.Model):
    """A Team that an identity provider keeps; its name is the Team's."""

    team = models.OneToOneField(
        Team, models.CASCADE, primary_key=True, related_name="provisioned_group"
    )
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="provisioned_groups", db_index=False
    )
    external_id = models.CharField(max_length=255, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    audited_fields: ClassVar[tuple[str, ...]] = ("external_id",)
    secret_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        verbose_name = "provisioned group"
        ordering: ClassVar = ["team_id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "team"], name="scim_group_in_order")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=~Q(external_id=""),
                name="scim_group_external_id_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.team)

    def access_scopes(self) -> tuple[Scope, ...]:
        return (Scope(ScopeKind.ORGANIZATION, self.organization_id),)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=self.organization_id)


class ProvisionedMembership(models.Model):
    """One person in one group, by the provider's word, with an account or not."""

    group = models.ForeignKey(
        ProvisionedGroup, models.CASCADE, related_name="memberships", db_index=False
    )
    member = models.ForeignKey(ProvisionedUser, models.CASCADE, related_name="memberships")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "member"], name="scim_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.group_id}"
