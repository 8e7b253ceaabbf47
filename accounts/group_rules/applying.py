"""Making true what the rules give, and writing it down."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from access import scopes
from access.actor import Actor
from access.roles import AnyRole, CustomRole
from accounts import holdings
from accounts.group_rules import heard
from accounts.group_rules.steps import Step, steps
from accounts.models import (
    GroupRule,
    Organization,
    OrganizationRoleBinding,
    RoleBinding,
    TeamMembership,
    User,
)
from audit.record import record, snapshot


@transaction.atomic
def bring_up_to_date(
    organization: Organization, user_ids: Collection[str], *, actor: Actor
) -> list[Step]:
    """Give these people what their groups are worth by now, and take what they are no more.

    Who is no member of the Organization gets nothing. Without any rule it costs one query. What
    changed is answered, and written down step by step; open tabs hear of it on commit.
    """
    found = rules(organization)
    return _settle(organization, user_ids, found, actor) if found else []


@transaction.atomic
def settle_all(
    organization: Organization, user_ids: Collection[str], *, actor: Actor
) -> list[Step]:
    """The same after a rule was changed or removed, be it the last one."""
    return _settle(organization, user_ids, rules(organization), actor)


def rules(organization: Organization) -> list[GroupRule]:
    return list(
        GroupRule.objects.filter(organization=organization).select_related("team", "custom_role")
    )


def members(organization: Organization, user_ids: Collection[str], *, holds: bool) -> list[User]:
    """The members among these people; `holds` keeps them from leaving at this moment."""
    rows = OrganizationRoleBinding.objects.filter(organization=organization, user__in=user_ids)
    rows = rows.select_related("user").order_by("pk")
    if holds:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return [row.user for row in rows if row.user is not None]


def _settle(
    organization: Organization, user_ids: Collection[str], found: list[GroupRule], actor: Actor
) -> list[Step]:
    people = members(organization, user_ids, holds=True)
    groups = heard.groups_of(organization, [each.pk for each in people])
    due = [each for each in steps(organization, people, groups, found) if each.changes]
    for each in due:
        _take(each, actor)
    scopes.announce_all_on_commit({each.user.principal for each in due})
    return due


def _take(step: Step, actor: Actor) -> None:
    row: Any = step.row
    before, pk = (snapshot(row), row.pk) if row is not None else ({}, None)
    row = _written(step)
    after = snapshot(row) if row.pk else {}
    row.pk = row.pk or pk
    verb = "follow_groups_into_team" if step.table is None else "follow_groups_into_role"
    record(actor, f"accounts.{verb}", holdings.auditable(row), before=before, after=after)


def _written(step: Step) -> Any:
    """The row as it is now; without a key where it is gone."""
    if step.row is not None and not step.is_given:
        step.row.delete()
        return step.row
    if step.table is None:
        return TeamMembership.objects.create(team=step.place, user=step.user, is_by_rule=True)
    row = step.row or step.table.model(**{step.table.scope: step.place, "user": step.user})
    if not isinstance(row, RoleBinding) or step.role is None:
        raise TypeError("A step onto a role has a role and a row that holds one")
    _put(row, step.role)
    row.is_by_rule = True
    row.save()
    return row


def _put(row: RoleBinding, role: AnyRole) -> None:
    row.role = "" if isinstance(role, CustomRole) else role.value
    row.custom_role_id = role.id if isinstance(role, CustomRole) else None
