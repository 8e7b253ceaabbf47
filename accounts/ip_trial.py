"""What a list of networks would do: who used the Organization from elsewhere not long ago."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from ipaddress import ip_network

from django.utils import timezone

from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from access.scopes import PrincipalKind
from accounts.ip_ranges import Range
from accounts.models import ApiToken, Organization, OrganizationRoleBinding
from audit.queries import addresses_used
from web import client_address

DAYS = 30
_MOST_SHOWN = 50


@dataclass(frozen=True)
class Outsider:
    """Somebody who would have been shut out."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    people: tuple[Outsider, ...]
    tokens: tuple[Outsider, ...]

    @property
    def concerns_anybody(self) -> bool:
        return bool(self.people or self.tokens)

    @property
    def summary(self) -> str:
        """`3 people and 2 tokens used other addresses in the last 30 days.`"""
        if not self.concerns_anybody:
            return f"Nobody used another address in the last {DAYS} days."
        counts = [(len(self.people), "person", "people"), (len(self.tokens), "token", "tokens")]
        words = [f"{n:,} {one if n == 1 else many}" for n, one, many in counts if n]
        return f"{' and '.join(words)} used other addresses in the last {DAYS} days."

    @property
    def shown(self) -> tuple[Outsider, ...]:
        return (*self.people, *self.tokens)[:_MOST_SHOWN]

    @property
    def others(self) -> int:
        return len(self.people) + len(self.tokens) - len(self.shown)


def of(organization: Organization, ranges: Sequence[Range], *, actor: Actor) -> Trial:
    """Members and usable tokens that did something from outside of `ranges`, by the audit log.

    What an Organization keeps no longer cannot be asked. Raises PermissionDenied.
    """
    require(actor, Permission.ORGANIZATION_IP_ACCESS_UPDATE, organization)
    since = timezone.now() - timedelta(days=DAYS)
    outside: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    holds = _holding(ranges)
    for kind, actor_id, address in addresses_used(organization.pk, since):
        if not holds(address):
            outside[kind][actor_id].append(address)
    return Trial(
        _people(organization, outside[PrincipalKind.USER]),
        _tokens(organization, outside[PrincipalKind.API_TOKEN]),
    )


def _holding(ranges: Iterable[Range]) -> Callable[[str], bool]:
    """Asks each address once: many people share one."""
    networks = [ip_network(each.network) for each in ranges]

    @cache
    def holds(address: str) -> bool:
        found = client_address.read(address)
        return found is not None and any(found in network for network in networks)

    return holds


def _people(organization: Organization, found: dict[str, list[str]]) -> tuple[Outsider, ...]:
    members = OrganizationRoleBinding.objects.filter(
        organization=organization, user_id__in=list(found)
    )
    emails = members.order_by("user__email").values_list("user_id", "user__email")
    return tuple(Outsider(email, _sorted(found[pk])) for pk, email in emails)


def _tokens(organization: Organization, found: dict[str, list[str]]) -> tuple[Outsider, ...]:
    tokens = ApiToken.objects.filter(organization=organization, pk__in=list(found)).order_by("name")
    return tuple(Outsider(t.name, _sorted(found[t.pk])) for t in tokens if t.is_usable)


def _sorted(addresses: list[str]) -> tuple[str, ...]:
    return tuple(sorted(addresses))
