"""From which networks an Organization may be used."""

from __future__ import annotations

from collections.abc import Sequence

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.scopes import EVERYBODY, announce_on_commit
from accounts import ip_access
from accounts.ip_ranges import Range, version
from accounts.models import Organization
from web.errors import Conflict, InvalidInput


@action(Permission.ORGANIZATION_IP_ACCESS_UPDATE)
def update_ip_access(
    organization: Organization,
    *,
    ranges: Sequence[Range],
    restricts: bool,
    seen: str,
    actor: Actor,
) -> Organization:
    """List the networks, and say whether only they count; it counts at once, for open tabs too.

    `seen` is the version that the change starts from. Raises Conflict where somebody else was
    faster, and InvalidInput for an empty list that would count and for one that would shut its
    author out.
    """
    if seen != version(organization):
        raise Conflict(
            "Somebody else changed the list meanwhile.",
            remedy="What it says now stands below; save again to replace it by yours.",
        )
    check_list(ranges, restricts=restricts, actor=actor)
    organization.ip_ranges = [{"network": each.network, "note": each.note} for each in ranges]
    organization.restricts_ip = restricts
    organization.admitted_networks = [each.network for each in ranges] if restricts else []
    return _save(organization)


def check_list(ranges: Sequence[Range], *, restricts: bool, actor: Actor) -> None:
    """Raise InvalidInput for a list that would count and lets nobody, or not its author, in."""
    if not restricts:
        return
    if not ranges:
        raise InvalidInput(
            "An empty list would shut everybody out.",
            fields={"ranges": "List at least one network, or let everybody in."},
        )
    if not ip_access.holds([each.network for each in ranges], actor.origin.address):
        raise InvalidInput(
            "This list would shut you out.",
            fields={
                "ranges": f"You come from {actor.origin.source_ip or 'an unknown address'}, and "
                "none of these networks holds it. Add it, or have somebody inside save the list."
            },
        )


@action(Permission.ORGANIZATION_IP_ACCESS_UPDATE)
def clear_ip_access(organization: Organization, *, actor: Actor) -> Organization:
    """Let everybody in from everywhere and forget the list, which stands in the audit log."""
    organization.ip_ranges, organization.admitted_networks = [], []
    organization.restricts_ip = False
    return _save(organization)


def _save(organization: Organization) -> Organization:
    fields = ["ip_ranges", "restricts_ip", "admitted_networks", "updated_at"]
    organization.save(update_fields=fields)
    announce_on_commit(EVERYBODY)
    return organization
