"""Roles that an Organization puts together. Nobody makes one that holds more than they do."""

from __future__ import annotations

from collections.abc import Collection

from django.db import IntegrityError, transaction

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require, require_within
from accounts import holdings, role_holders
from accounts.models import CustomRole, GroupRule, Organization, RoleBinding
from accounts.services import ends
from web.errors import Conflict, InvalidInput, check_text

_BELOW = {
    "ORGANIZATION": ("organization.", "workspace.", "deployment."),
    "WORKSPACE": ("workspace.", "deployment."),
    "DEPLOYMENT": ("deployment.",),
}
"""What a role can hold, by where it is given: rights on it and on all that lies in it."""
_NAMED = 5


class RoleChanged(Conflict):
    """Somebody else has saved it since this form was opened."""

    title = "Somebody else changed this role"

    def __init__(self, current: CustomRole) -> None:
        super().__init__(
            f"{current.name} was saved by somebody else while you were editing it.",
            remedy="Compare both versions, then save yours over it or take over theirs.",
        )
        self.current = current


class RoleInUse(Conflict):
    """It cannot go while somebody holds it."""

    title = "This role is in use"


def possible(scope_type: str) -> frozenset[Permission]:
    """The rights that a role given on such a scope can hold."""
    return frozenset(p for p in Permission if p.startswith(_BELOW[scope_type]))


@action(Permission.ORGANIZATION_CUSTOM_ROLES_CREATE, creates=True)
def create_custom_role(
    organization: Organization,
    *,
    name: str,
    description: str = "",
    scope_type: str,
    permissions: Collection[str],
    restricted_workspace_ids: Collection[str] = (),
    actor: Actor,
) -> CustomRole:
    """Put a role together. Raises InvalidInput at the field, ExceedsOwnRights for more than one's
    own rights in the whole Organization, Conflict for a name that is taken."""
    if scope_type not in _BELOW:
        raise InvalidInput("Not a scope.", fields={"scope_type": "Choose one of the three"})
    made = CustomRole(organization=organization, scope_type=scope_type)
    made.created_by_id = actor.principal.id if actor.principal.kind == "USER" else None
    _put(made, name, description, permissions, restricted_workspace_ids, actor)
    require_within(actor, made.as_granted(), organization)
    _save(made)
    return made


@action(Permission.ORGANIZATION_CUSTOM_ROLES_UPDATE)
def update_custom_role(
    role: CustomRole,
    *,
    version: int,
    name: str,
    description: str = "",
    permissions: Collection[str],
    restricted_workspace_ids: Collection[str] = (),
    actor: Actor,
) -> CustomRole:
    """Change what it holds, for everybody who has it, within a second.

    Raises RoleChanged unless `version` is the one it has now, ExceedsOwnRights where it holds or
    would hold more than the actor, and InvalidInput where it is held outside the Workspaces that
    it would be restricted to: what was given is taken away openly or not at all. Workspaces that
    the actor may not know of stay among those that it is restricted to.
    """
    if version != role.version:
        raise RoleChanged(role)
    require_within(actor, role.as_granted(), role.organization)
    _put(role, name, description, permissions, restricted_workspace_ids, actor)
    require_within(actor, role.as_granted(), role.organization)
    _keep_inside(role)
    role.version += 1
    _save(role)
    role_holders.announce(role)
    return role


@action(Permission.ORGANIZATION_CUSTOM_ROLES_DELETE)
def delete_custom_role(
    role: CustomRole, *, typed_name: str, removes_grants: bool = False, actor: Actor
) -> None:
    """Remove it. Raises InvalidInput unless `typed_name` is its name, RoleInUse while it is held.

    `removes_grants` takes it away from everybody first, which needs the right to change roles;
    members of the Organization whose role it was become Members. A token that has no other role at
    its home would be out of everybody's reach, so RoleInUse then, too.
    """
    if typed_name != role.name:
        raise InvalidInput(
            "The name you typed is not the name of this role.",
            fields={"confirmation": f"Type {role.name}"},
        )
    require_within(actor, role.as_granted(), role.organization)
    if removes_grants:
        require(actor, Permission.ORGANIZATION_USERS_UPDATE_ROLES, role.organization)
        _take_away(role, actor)
    held = role_holders.holders(role, actor=actor, most=_NAMED + 1)
    if held:
        raise RoleInUse(
            f"{role.name} is held by {held.named(_NAMED)}.",
            remedy="Give them other roles first, or remove these grants together with the role.",
        )
    _check_rules(role)
    role.delete()


def _check_rules(role: CustomRole) -> None:
    named = [each.group for each in GroupRule.objects.filter(custom_role=role)[: _NAMED + 1]]
    if named:
        raise RoleInUse(
            f"{role.name} is given by a group rule of {', '.join(named[:_NAMED])}.",
            remedy="Change or remove the rule first.",
        )


def _put(
    role: CustomRole,
    name: str,
    description: str,
    permissions: Collection[str],
    workspace_ids: Collection[str],
    actor: Actor,
) -> None:
    check_text("name", name, least=1, most=100)
    check_text("description", description, most=500)
    _check_rights(role.scope_type, permissions)
    _check_workspaces(role, workspace_ids, actor)
    kept = role_holders.hidden_workspaces(role, actor)
    role.name, role.description = name.strip(), description
    role.permissions = sorted(set(permissions))
    role.restricted_workspace_ids = sorted({*workspace_ids, *kept})


def _check_rights(scope_type: str, permissions: Collection[str]) -> None:
    if not permissions:
        raise InvalidInput(
            "A role holds at least one permission.", fields={"permissions": "Tick at least one"}
        )
    strange = sorted(set(permissions) - possible(scope_type))
    if strange:
        words = f"Cannot be given on one {scope_type.title()}: {', '.join(strange[:_NAMED])}"
        raise InvalidInput(f"{words}.", fields={"permissions": words})


def _check_workspaces(role: CustomRole, ids: Collection[str], actor: Actor) -> None:
    """What the actor may not know of is answered as what is not there."""
    if not ids:
        return
    if role.scope_type == CustomRole.ScopeType.ORGANIZATION:
        words = "A role of the whole Organization cannot be restricted"
    elif set(ids) - {known for known, _ in role_holders.workspaces(role.organization, actor)}:
        words = "One of these Workspaces is not there any more"
    else:
        return
    raise InvalidInput(f"{words}.", fields={"restricted_workspace_ids": words})


def _keep_inside(role: CustomRole) -> None:
    if not role.restricted_workspace_ids:
        return
    found = role_holders.outside(role, role.restricted_workspace_ids, most=_NAMED + 1)
    if found:
        words = f"Held elsewhere: {found.named(_NAMED)}"
        raise InvalidInput(
            f"{words}.",
            remedy="Take the role away there first, or allow those Workspaces too.",
            fields={"restricted_workspace_ids": words},
        )


def _save(role: CustomRole) -> None:
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError:
        raise Conflict(
            f"There is a role named {role.name} already.", fields={"name": "Taken"}
        ) from None


def _take_away(role: CustomRole, actor: Actor) -> None:
    role_holders.announce(role)
    for table in holdings.tables():
        for binding in table.rows().filter(custom_role=role):
            _refuse_home(binding, table)
            ends.end(binding, actor=actor)


def _refuse_home(binding: RoleBinding, table: holdings.Table) -> None:
    token = binding.api_token
    if token is not None and token.kind == table.kind.value.upper():
        raise RoleInUse(
            f"The API token {token} has no other role at its home.",
            remedy="Give the token another role, or delete it.",
        )
