"""An Organization that may be used from certain networks only, as its own people meet it.

Its grants do not count elsewhere (`accounts.grants.usable`), so nothing of it is to be seen; who
belongs to it is told why.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from redis import RedisError

from access.actor import Actor
from access.roles import Role
from access.scopes import Principal, PrincipalKind
from accounts.grants import of_subject
from accounts.models import ApiToken, Organization, OrganizationRoleBinding
from audit.record import record_refusal
from web import client_address
from web.errors import NotFound

ACTION = "accounts.enter"
NOTED_EVERY_SECONDS = 3600
_MOST_OWNERS = 3


class AddressNotAdmitted(NotFound):
    """Everything of it is hidden from this address; those who belong to it are told why."""

    status = 403
    title = "Your address may not use this Organization"


def admits(organization: Organization, address: str | None) -> bool:
    """Whether it may be used from there; None is the console itself."""
    networks = organization.admitted_networks
    return not networks or holds(networks, address)


def holds(networks: Iterable[str], address: str | None) -> bool:
    """Whether one of them holds the address; None is the console itself."""
    if address is None:
        return True
    found = client_address.read(address)
    return found is not None and any(found in ip_network(each) for each in networks)


def require_admitted(organization: Organization, actor: Actor) -> None:
    """Raise AddressNotAdmitted; for callers who proved already that they belong to it."""
    if not admits(organization, actor.origin.address):
        raise _refusal(organization, actor)


def explain(actor: Actor, organization_id: str) -> AddressNotAdmitted | None:
    """The refusal for a member who comes from elsewhere; None for everybody else."""
    return _of_theirs(actor, pk=organization_id)


def explain_any(actor: Actor) -> AddressNotAdmitted | None:
    """The same, whichever of their Organizations it is."""
    return _of_theirs(actor)


def _of_theirs(actor: Actor, **lookup: str) -> AddressNotAdmitted | None:
    mine = _homes(actor.principal)
    if mine is None:
        return None
    found = Organization.objects.filter(restricts_ip=True, pk__in=mine, **lookup)
    shut = (each for each in found if not admits(each, actor.origin.address))
    return next((_refusal(each, actor) for each in shut), None)


def _homes(principal: Principal) -> QuerySet[Any, Any] | None:
    if principal.kind is PrincipalKind.API_TOKEN:
        return ApiToken.objects.filter(pk=principal.id).values("organization_id")
    subject = of_subject(principal)
    if subject is None:
        return None
    return OrganizationRoleBinding.objects.filter(**subject).values("organization_id")


def _refusal(organization: Organization, actor: Actor) -> AddressNotAdmitted:
    """Cause, own address and whom to ask. It is written down too."""
    _note(organization, actor)
    address = actor.origin.source_ip or "an address that the console does not know"
    return AddressNotAdmitted(
        f"{organization.name} may be used from certain networks only, and you come from {address}.",
        remedy=f"Use your company's network or VPN, or ask {_owners(organization)} to add your "
        "address.",
    )


def _owners(organization: Organization) -> str:
    owners = OrganizationRoleBinding.objects.filter(
        organization=organization, role=Role.ORGANIZATION_OWNER, user__isnull=False
    )
    emails = owners.order_by("created_at").values_list("user__email", flat=True)[:_MOST_OWNERS]
    return " or ".join(filter(None, emails)) or "an Owner"


def _note(organization: Organization, actor: Actor) -> None:
    """One row an hour for each of them and each address: an open tab asks again and again."""
    who = f"{organization.pk}:{actor.principal.id}:{actor.origin.source_ip}"
    try:
        is_first = cache.add(f"accounts:ip-access:{who}", 1, timeout=NOTED_EVERY_SECONDS)
    except RedisError:
        is_first = True
    if is_first:
        record_refusal(actor, ACTION, organization)
