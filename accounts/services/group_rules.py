"""Rules from groups of an identity provider to Teams and roles: made, changed, removed.

Nobody writes a rule that gives more than they hold; what a rule would change is shown before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import AnyRole
from access.scopes import PrincipalKind
from accounts import holdings, role_choices
from accounts.group_rules import applying, heard
from accounts.group_rules.steps import Step, steps
from accounts.holdings import Table
from accounts.models import GroupRule, Organization, Team
from accounts.models.group_rule import LONGEST_GROUP
from accounts.services.teams import require_within_roles
from web.errors import Conflict, InvalidInput, check_text

MOST_RULES = 500


@dataclass(frozen=True)
class Wish:
    """A rule as somebody writes it: a Team, or a role on something."""

    group: str
    place: Any
    """A Team, an Organization, a Workspace or a Deployment."""
    role: AnyRole | None = None


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE, creates=True)
def create_group_rule(organization: Organization, *, wish: Wish, actor: Actor) -> GroupRule:
    """Make a rule, and give what it gives to everybody who is known to be in the group.

    Raises InvalidInput, ExceedsOwnRights for what is above the actor's own, Conflict for a rule
    that is there already or the 501st.
    """
    if GroupRule.objects.filter(organization=organization).count() >= MOST_RULES:
        raise Conflict(f"An Organization has at most {MOST_RULES} group rules.")
    rule = GroupRule(organization=organization)
    if actor.principal.kind is PrincipalKind.USER:
        rule.created_by_id = actor.principal.id
    _put(rule, wish, actor)
    _save(rule)
    _settle(organization, {rule.group}, actor)
    return rule


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def change_group_rule(
    rule: GroupRule, *, wish: Wish, seen: str | None = None, actor: Actor
) -> GroupRule:
    """Let it give something else. `seen` is its `version` when the form was made.

    Raises Conflict when it was changed since, and as `create_group_rule`.
    """
    if seen is not None and seen != rule.version:
        raise Conflict(
            f"Somebody changed this rule meanwhile. By now it reads: {rule}.",
            remedy="Compare, then send it again to put yours in its place.",
        )
    before = rule.group
    _put(rule, wish, actor)
    _save(rule)
    _settle(rule.organization, {before, rule.group}, actor)
    return rule


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def remove_group_rule(rule: GroupRule, *, actor: Actor) -> None:
    """Remove it, and take what it alone gave."""
    organization, group = rule.organization, rule.group
    rule.delete()
    _settle(organization, {group}, actor)


def preview(
    organization: Organization, *, wish: Wish | None, instead_of: GroupRule | None, actor: Actor
) -> list[Step]:
    """What a rule would change, and whose role stays since it was given by hand.

    No `wish`: what the removal of `instead_of` would. Raises as `create_group_rule`.
    """
    rules = [each for each in applying.rules(organization) if each != instead_of]
    groups = {instead_of.group} if instead_of else set()
    if wish is not None:
        proposed = GroupRule(organization=organization)
        _put(proposed, wish, actor)
        rules.append(proposed)
        groups.add(proposed.group)
    people = applying.members(organization, heard.people_in(organization, groups), holds=False)
    known = heard.groups_of(organization, [each.pk for each in people])
    found = steps(organization, people, known, rules)
    place = getattr(wish, "place", None)
    return [each for each in found if each.changes or (each.is_kept and each.place == place)]


def places(actor: Actor, organization: Organization) -> dict[str, list[Any]]:
    """What a rule can be about, by kind: Teams that are filled here, and what the actor sees."""
    found: dict[str, list[Any]] = {
        "team": list(Team.objects.filter(organization=organization, is_idp_managed=False))
    }
    for table in holdings.tables():
        things = table.things_of(organization.pk).order_by("name")
        found[table.kind.value] = [each for each in things if actor.can(table.sees, each)]
    return found


def place_of(rule: GroupRule, actor: Actor) -> tuple[Any, bool]:
    """What it is about, and whether `actor` may know of that; None where it was deleted."""
    if rule.kind == GroupRule.Kind.TEAM:
        return rule.team, True
    table = _table(rule.kind)
    place = table.things_of(rule.organization_id).filter(pk=rule.place_id).first()
    return place, place is not None and actor.can(table.sees, place)


def _table(kind: str) -> Table:
    return next(each for each in holdings.tables() if each.kind.value == kind)


def _put(rule: GroupRule, wish: Wish, actor: Actor) -> None:
    check_text("group", wish.group, least=1, most=LONGEST_GROUP)
    rule.group = wish.group.strip()
    rule.team, rule.place_id, rule.role, rule.custom_role = None, "", "", None
    if isinstance(wish.place, Team):
        _check_team(wish.place, rule.organization, actor)
        rule.kind, rule.team = GroupRule.Kind.TEAM, wish.place
        return
    _check_home(wish.place, rule.organization)
    if wish.role is None:
        raise InvalidInput("Choose a role.", fields={"role": "Choose a role"})
    rule.kind = wish.place.access_scopes()[0].kind.value
    rule.place_id = wish.place.pk
    with transaction.atomic():
        given = role_choices.given(wish.role, wish.place, actor=actor)
    rule.role, rule.custom_role = given["role"], given["custom_role"]


def _check_team(team: Team, organization: Organization, actor: Actor) -> None:
    if team.organization_id != organization.pk:
        raise InvalidInput("This Team is of another Organization.")
    if team.is_idp_managed:
        words = "SCIM says who is in this Team"
        raise InvalidInput(f"{words}.", remedy="Choose another.", fields={"place": words})
    require_within_roles(team, actor)


def _check_home(place: Any, organization: Organization) -> None:
    if organization.pk not in {scope.id for scope in place.access_scopes()}:
        raise InvalidInput("This is of another Organization.")


def _save(rule: GroupRule) -> None:
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError:
        words = "There is a rule of this group for it already"
        raise Conflict(
            f"{words}.", remedy="Change that one.", fields={"group": words, "place": words}
        ) from None


def _settle(organization: Organization, groups: set[str], actor: Actor) -> None:
    people = heard.people_in(organization, groups)
    applying.settle_all(organization, people, actor=actor)
