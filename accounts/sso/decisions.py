"""What becomes of proven claims; changes nothing, so that a test can ask as well.

A provider has power over the accounts in the proven domains that are given to its connection, and
over no other: neither the address that it asserts nor that of the account it means may lie
elsewhere. A test may say what would be, before the domain is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from access.roles import AnyRole, Role
from accounts import provisioned
from accounts.models import Invitation, OrganizationRoleBinding, SsoConnection, SsoIdentity, User
from accounts.sso import domains, squatters
from accounts.sso.claims import Claims, SignInRefused

_MOST_SUBJECT = 500


@dataclass(frozen=True)
class Decision:
    email: str
    user: User | None = None
    """Whom it means; None: an account is made."""
    is_known: bool = False
    """Whether this provider named them by this subject before."""
    is_member: bool = False
    is_given: bool = False
    """Whether the domains of both addresses are given to the connection."""
    invitation: Invitation | None = None
    """By which they join, where one is open."""
    role: AnyRole | None = None
    """With which they join otherwise."""

    @property
    def addresses(self) -> set[str]:
        """The asserted one, and that of the account."""
        return {self.email} | ({self.user.email} if self.user else set())

    @property
    def changes_nothing(self) -> bool:
        return self.is_known and self.is_member

    @property
    def words(self) -> str:
        """What happens, for the page of a test."""
        who = f"{self.user.email} is signed in" if self.user else f"{self.email} gets an account"
        if not self.is_given:
            who = f"Once its domain is given to this connection, {who}"
        linked = "" if self.is_known else ", is linked to this provider"
        if self.is_member:
            return f"{who}{linked}, and is a member already."
        role = Role(self.invitation.role) if self.invitation else self.role
        by = "by their open invitation" if self.invitation else "by just-in-time membership"
        return f"{who}{linked}, and joins as {role.label if role else 'member'} {by}."


def decide(connection: SsoConnection, claims: Claims) -> Decision:
    """Raises SignInRefused, with the first reason against it."""
    email = _address(connection, claims)
    user, is_known = _whom(connection, claims.subject, email)
    if user is not None and not user.is_active:
        raise SignInRefused(
            "deactivated",
            f"The account of {user.email} is switched off.",
            remedy="Ask an Owner of the Organization.",
            email=email,
        )
    addresses = {email} | ({user.email} if user else set())
    is_given = domains.are_given_to(connection, addresses)
    if user is not None and _is_member(connection, user):
        return Decision(email, user, is_known, is_member=True, is_given=is_given)
    if user is not None and squatters.is_guarded(user):
        raise SignInRefused(
            "guarded_account",
            f"{user.email} belongs to another Organization already, with a second factor, and "
            "nobody has confirmed that address here.",
            remedy=f"Sign in as before, and join {connection.organization} by an invitation. "
            "If that account is not yours, ask whoever runs this console (user reset-2fa).",
            email=email,
        )
    found = _joining(connection, email, addresses, user)
    return replace(found, user=user, is_known=is_known, is_given=is_given)


def require_given(connection: SsoConnection, decision: Decision) -> None:
    """Raise SignInRefused where a connection speaks of people whom another one is for."""
    if decision.is_given:
        return
    raise SignInRefused(
        "not_its_domain",
        f"People of {decision.email.rpartition('@')[2]} do not sign in by {connection}.",
        remedy="Begin at the sign-in page, with your e-mail address. An Owner gives a domain to a "
        "connection in the connection's settings.",
        email=decision.email,
    )


def _joining(
    connection: SsoConnection, email: str, addresses: set[str], user: User | None
) -> Decision:
    """How somebody who is no member yet becomes one."""
    open_ = Invitation.objects.pending().filter(organization_id=connection.organization_id)
    invitation = open_.filter(email__in=addresses).first()
    if invitation is None and not connection.jit_enabled:
        raise SignInRefused(
            "not_a_member",
            f"{email} is no member of {connection.organization}, and its identity provider does "
            "not make members.",
            remedy="Ask an Owner to invite this address.",
            email=email,
        )
    organization_id = connection.organization_id
    if invitation is None and provisioned.is_shut_out(organization_id, addresses, user):
        raise SignInRefused(
            "deactivated",
            f"The identity provider of {connection.organization} switched {email} off.",
            remedy="Ask whoever looks after it to switch you on again.",
            email=email,
        )
    role = None if invitation else Role(connection.default_role)
    return Decision(email, invitation=invitation, role=role)


def _address(connection: SsoConnection, claims: Claims) -> str:
    email = claims.email.strip().lower()
    if not 0 < len(claims.subject) <= _MOST_SUBJECT:
        raise SignInRefused("no_subject", "The identity provider did not say who you are.")
    try:
        validate_email(email)
    except ValidationError:
        raise SignInRefused(
            "no_email",
            f"The identity provider sent no e-mail address in {connection.email_attribute}.",
            remedy="Whoever looks after it has it send one under this name.",
        ) from None
    if not domains.is_proven(connection.organization_id, email):
        raise SignInRefused(
            "foreign_address",
            f"{email} lies in no domain that {connection.organization} has proven.",
            remedy="Sign in with an address of the Organization, or have an Owner prove the "
            "domain.",
            email=email,
        )
    return email


def _whom(connection: SsoConnection, subject: str, email: str) -> tuple[User | None, bool]:
    known = SsoIdentity.objects.filter(connection=connection, subject=subject)
    identity = known.select_related("user").first()
    if identity is None:
        return User.objects.filter(email=email).first(), False
    if not domains.is_proven(connection.organization_id, identity.user.email):
        raise SignInRefused(
            "moved_away",
            f"Your account here has an address outside the domains of {connection.organization}.",
            remedy="Sign in with that address, or have its owner change it back.",
            email=email,
        )
    return identity.user, True


def _is_member(connection: SsoConnection, user: User) -> bool:
    rows = OrganizationRoleBinding.objects.filter(organization_id=connection.organization_id)
    return rows.filter(user=user).exists()
