from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from access.actor import Actor
from access.roles import AnyRole, CustomRole
from accounts.models import ApiToken
from api.v1.wire.base import Query, Shown
from api.v1.wire.fields import QueryFlag


class SelfUserRoleScope(Shown[Any]):
    entityId = serializers.CharField()
    type = serializers.ChoiceField(choices=["ORGANIZATION", "WORKSPACE", "DEPLOYMENT"])


class SelfUserRole(Shown[Any]):
    role = serializers.CharField()
    scope = SelfUserRoleScope()


class SelfUser(Shown[ApiToken]):
    """The bearer itself. An API token is nobody's: it shows under its own id and name."""

    id = serializers.CharField()
    username = serializers.CharField(source="name")
    fullName = serializers.CharField(source="name")
    avatarUrl = serializers.CharField(default="")
    status = serializers.ChoiceField(
        choices=["ACTIVE", "BANNED", "INACTIVE", "PENDING"], default="ACTIVE"
    )
    organizationId = serializers.CharField(source="organization_id")
    roles = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")

    @extend_schema_field(SelfUserRole(many=True))
    def get_roles(self, token: ApiToken) -> list[dict[str, Any]]:
        actor: Actor = self.context["actor"]
        return [
            {"role": role_id(role), "scope": {"entityId": scope.id, "type": scope.kind.upper()}}
            for scope, roles in actor.roles.items()
            for role in sorted(roles, key=role_id)
        ]


def role_id(role: AnyRole) -> str:
    """A role of the table by its name, one that the Organization made by its id."""
    return role.id if isinstance(role, CustomRole) else role.value


class SelfUserQuery(Query):
    createIfNotExist = QueryFlag(required=False)
