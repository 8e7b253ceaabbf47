"""Who is in which group: as sign-ins said it, and as SCIM keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import F, Func, Q, QuerySet
from django.utils import timezone

from accounts.models import (
    HeardGroups,
    Organization,
    ProvisionedMembership,
    SsoConnection,
    User,
)
from accounts.models.group_rule import LONGEST_GROUP

MOST_GROUPS = 1_000
COUNTS_FOR = timedelta(days=30)
"""How long what a sign-in said is believed. Sessions are shorter, so who still comes by that
provider is heard again before."""
Groups = dict[str, set[str]]
"""By the ids of people."""


def hear(connection: SsoConnection, user: User, groups: Iterable[str]) -> None:
    """Keep what a provider said just now; what it said before counts no more."""
    named = sorted({each[:LONGEST_GROUP] for each in groups if each})[:MOST_GROUPS]
    HeardGroups.objects.update_or_create(
        connection=connection, user=user, defaults={"groups": named}
    )


def forget(connection: SsoConnection) -> list[str]:
    """Whatever a provider said, and the ids of those of whom it said something."""
    rows = HeardGroups.objects.filter(connection=connection)
    people = list(rows.values_list("user_id", flat=True))
    rows.delete()
    return people


def groups_of(organization: Organization, user_ids: Collection[str]) -> Groups:
    """All groups of these people, from every connection and from SCIM. Two queries.

    What a sign-in said counts for 30 days.
    """
    found: Groups = defaultdict(set)
    for user_id, groups in (
        _said(organization).filter(user__in=user_ids).values_list("user_id", "groups")
    ):
        found[user_id].update(groups)
    rows = _provisioned(organization).filter(member__user__in=user_ids)
    for user_id, group in rows.values_list("member__user_id", "group__team__name"):
        found[user_id].add(group)
    return found


def people_in(organization: Organization, groups: Collection[str]) -> list[str]:
    """The ids of those who are in any of these groups."""
    said = _said(organization).filter(groups__overlap=list(groups))
    kept = _provisioned(organization).filter(group__team__name__in=groups)
    return sorted(
        {*said.values_list("user_id", flat=True), *kept.values_list("member__user_id", flat=True)}
    )


def names(organization: Organization, *, most: int = MOST_GROUPS) -> list[str]:
    """Groups that were ever named, for a form to suggest."""
    each = _said(organization).annotate(name=Func(F("groups"), function="unnest"))
    said = each.values_list("name", flat=True).distinct()[:most]
    kept = organization.teams.filter(is_idp_managed=True).values_list("name", flat=True)[:most]
    return sorted({*said, *kept})[:most]


def forget_person(organization: Organization, user: User) -> None:
    """What was said of somebody who leaves: should they come back, they are heard anew."""
    HeardGroups.objects.filter(connection__organization=organization, user=user).delete()


def forget_old(now: datetime) -> dict[Organization, list[str]]:
    """What counts no more, and by Organization the ids of those of whom it was said."""
    rows = HeardGroups.objects.filter(heard_at__lte=now - COUNTS_FOR)
    found: dict[Organization, list[str]] = defaultdict(list)
    for row in rows.select_related("connection__organization"):
        found[row.connection.organization].append(row.user_id)
    rows.delete()
    return found


def _said(organization: Organization) -> QuerySet[HeardGroups]:
    is_new = Q(heard_at__gt=timezone.now() - COUNTS_FOR)
    return HeardGroups.objects.filter(is_new, connection__organization=organization)


def _provisioned(organization: Organization) -> QuerySet[ProvisionedMembership]:
    """By the provider's own word: whoever fills a Team by hand while SCIM is off adds nobody."""
    rows = ProvisionedMembership.objects.filter(
        group__organization=organization,
        group__organization__is_scim_on=True,
        member__is_active=True,
        member__user__isnull=False,
    )
    return rows.order_by()
