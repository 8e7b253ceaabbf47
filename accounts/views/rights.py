"""Effective access on one thing: what somebody may do here and why, and who can do one thing.

The rooms that own Workspaces and Deployments frame these pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from access.permissions import Permission
from access.policy import require
from access.scopes import Principal, PrincipalKind, Scoped
from accounts import effective, queries
from accounts.effective import Reason
from accounts.models import ApiToken, Organization, OrganizationRoleBinding, Team
from accounts.routes import PageRequest
from web.lists import ListQuery, ListSpec

LIST = ListSpec(
    sorts={"name": "full_name", "email": "email"},
    default_sort="email",
    search_fields=("full_name", "email"),
)
_MOST_TOKENS = 100
_LISTED_BY = {
    PrincipalKind.USER: Permission.ORGANIZATION_USERS_GET,
    PrincipalKind.TEAM: Permission.ORGANIZATION_TEAMS_GET,
    PrincipalKind.API_TOKEN: Permission.ORGANIZATION_API_TOKENS_GET,
}


@dataclass(frozen=True)
class Place:
    """What is asked about, and which rights mean something on it."""

    subject: Scoped
    organization: Organization
    prefixes: tuple[str, ...]
    entrance: Permission
    sees_people: Permission
    sees_tokens: Permission

    @property
    def rights(self) -> list[Permission]:
        return sorted(p for p in Permission if p.startswith(self.prefixes))


@dataclass(frozen=True)
class Line:
    """One right, and why somebody holds it."""

    right: Permission
    reasons: list[Reason]


def may(request: PageRequest, place: Place) -> dict[str, Any]:
    """What somebody may do here: the reader, or whom `who` or `token` in the address names.

    Who holds nothing here is nobody to a reader who may not list them in the Organization.
    """
    asked = request.GET.get("who", "").replace("\x00", "").strip()
    token_id = request.GET.get("token", "")
    is_reader = not asked and not token_id
    principal: Principal | None = request.actor.principal
    if not is_reader:
        need = place.sees_tokens if token_id else place.sees_people
        require(request.actor, need, place.subject)
        principal = _token(place, token_id) if token_id else _named(place, asked)
    given = effective.reasons(principal, place.subject) if principal else []
    found = [reason for reason in given if reason.rights.intersection(place.rights)]
    if principal and not is_reader and not found and not _may_know(request, place, principal):
        principal = None
    held = effective.rights_by_reason(found)
    wanted = request.GET.get("q", "").strip().lower()
    shown = [right for right in place.rights if wanted in right.lower()]
    allowed = request.actor.permissions_on(place.subject)
    return {
        "asked": asked,
        "wanted": wanted,
        "principal": principal,
        "is_reader": is_reader,
        "reasons": found,
        "held": [Line(right, held[right]) for right in shown if right in held],
        "missing": [right for right in shown if right not in held],
        "may_ask": place.sees_people in allowed,
        "team_names": queries.team_names(request.actor, place.organization),
    }


def who(request: PageRequest, place: Place) -> dict[str, Any]:
    """Who can do one thing here, page by page, and through which grants."""
    require(request.actor, place.sees_people, place.subject)
    asked = request.GET.get("right", "")
    right = Permission(asked) if asked in place.rights else place.entrance
    query = ListQuery(request, LIST)
    people = query.page(effective.people_with(right, place.subject))
    reasons = effective.why(right, place.subject, people.rows)
    allowed = request.actor.permissions_on(place.subject)
    tokens = place.sees_tokens in allowed
    return {
        "right": right,
        "rights": place.rights,
        "query": query,
        "page": people,
        "rows": [(each, reasons.get(each.pk, [])) for each in people.rows],
        "tokens": effective.tokens_with(right, place.subject, most=_MOST_TOKENS) if tokens else (),
        "may_see_tokens": tokens,
    }


def _may_know(request: PageRequest, place: Place, principal: Principal) -> bool:
    """Of somebody who holds nothing here: only who lists such people may know that they exist."""
    return request.actor.can(_LISTED_BY[principal.kind], place.organization)


def _named(place: Place, asked: str) -> Principal | None:
    """A person by address, or a Team by name; of this Organization alone."""
    member = (
        OrganizationRoleBinding.objects.filter(
            organization=place.organization, user__email=asked.lower()
        )
        .select_related("user")
        .first()
    )
    if member is not None and member.user is not None:
        return member.user.principal
    team = Team.objects.filter(organization=place.organization, name__iexact=asked).first()
    return team.principal if team else None


def _token(place: Place, token_id: str) -> Principal | None:
    found = ApiToken.objects.filter(organization=place.organization, pk=token_id).first()
    return Principal(PrincipalKind.API_TOKEN, found.pk, found.name) if found else None
