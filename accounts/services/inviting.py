"""Inviting a whole list at once: the good ones are invited, and each other is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from access.actor import Actor
from access.roles import Role
from accounts.models import Invitation, Organization
from accounts.services import invitees, mailing
from accounts.services.invitations import KnownAddress, invite
from web.errors import InvalidInput

MOST = 100


@dataclass
class Invited:
    """What became of a list."""

    made: list[Invitation] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Why somebody was left out: a member already, or with an open invitation."""
    bad: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()

    @property
    def is_simple(self) -> bool:
        """One address and nothing else to tell."""
        return len(self.made) == 1 and not (self.known or self.bad or self.repeated)


def invite_all(
    organization: Organization,
    *,
    text: str,
    role: Role,
    workspace_roles: Mapping[str, str],
    days: int,
    actor: Actor,
) -> Invited:
    """Invite everybody whom `text` names, each by an action of its own, and mail the links.

    Raises InvalidInput where nobody is left to invite and for more than 100; and as `invite`.
    """
    found = invitees.read(text)
    if len(found.addresses) > MOST:
        rule = f"At most {MOST} at once"
        raise InvalidInput(
            f"{rule}.", fields={"email": f"{rule}: these are {len(found.addresses)}"}
        )
    told = Invited(bad=found.bad, repeated=found.repeated)
    for address in found.addresses:
        try:
            told.made.append(
                invite(
                    organization,
                    email=address,
                    role=role,
                    workspace_roles=workspace_roles,
                    days=days,
                    is_mailed_later=True,
                    actor=actor,
                )
            )
        except KnownAddress as known:
            told.known.append(known.cause)
    if not told.made:
        raise _nobody(told)
    mailing.deliver(told.made)
    return told


def _nobody(told: Invited) -> InvalidInput:
    reasons = [*told.known, *(f"{word[:60]} is not an e-mail address." for word in told.bad)]
    words = " ".join(reasons[:10]) or "Name at least one address."
    return InvalidInput("Nobody is left to invite.", fields={"email": words})
