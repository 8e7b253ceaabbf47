"""Who may make an account without an invitation, and what such a newcomer gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import transaction

from access import scopes
from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.roles import Role
from accounts import domain_names
from accounts.models import Installation, Organization, OrganizationRoleBinding, User
from audit.record import record, snapshot
from web.errors import Conflict, DomainError, InvalidInput

MOST_DOMAINS = 100

NewcomerListener = Callable[[Organization, Actor], None]
_listeners: list[NewcomerListener] = []


class SignUpRefused(DomainError):
    status = 403
    title = "Accounts are made by invitation"


def on_newcomer(listener: NewcomerListener) -> None:
    """Have a room furnish the Organization of somebody who signed up alone."""
    if listener not in _listeners:
        _listeners.append(listener)


@action(Permission.INSTALLATION_SIGN_UP_UPDATE)
def set_sign_up(
    installation: Installation, *, policy: str, domains: Iterable[str] = (), actor: Actor
) -> Installation:
    """Set who may sign up uninvited; `domains` are kept while another policy holds.

    Raises InvalidInput for what is no domain or too many, and Conflict for listed domains where
    the console sends no mail: nobody would have to prove an address, so anybody could claim one.
    """
    listed = sorted({each.strip().lower().removeprefix("@") for each in domains} - {""})
    if policy not in Installation.SignUp.values:
        raise InvalidInput("There is no such policy.", fields={"policy": "Choose one"})
    _check(listed)
    if policy == Installation.SignUp.DOMAINS:
        _check_domains_can_hold(listed)
    installation.sign_up, installation.sign_up_domains = policy, listed
    installation.save(update_fields=["sign_up", "sign_up_domains", "updated_at"])
    return installation


def policy() -> Installation | None:
    """What is set for people without an invitation; None where they cannot sign up at all."""
    installation = Installation.current()
    return installation if _is_open(installation) else None


def is_open() -> bool:
    """Whether anybody at all may sign up uninvited."""
    return policy() is not None


def is_allowed(email: str) -> bool:
    """Whether the owner of this address may sign up uninvited.

    An address of a listed domain counts by what follows its last `@`, exactly; a subdomain is
    another domain. That it is theirs is proven by mail before the first sign-in.
    """
    installation = Installation.current()
    if installation.sign_up == Installation.SignUp.DOMAINS:
        domain = domain_names.of(email)
        return _is_open(installation) and domain in installation.sign_up_domains
    return _is_open(installation)


def require_allowed(email: str) -> None:
    """Raise SignUpRefused unless the owner of this address may sign up uninvited."""
    if not is_allowed(email):
        raise SignUpRefused(
            "This address cannot sign up here without an invitation.",
            remedy="Ask an Owner of your Organization to invite exactly this address.",
        )


@transaction.atomic
def settle_newcomer(user: User, *, actor: Actor) -> Organization | None:
    """Give somebody who signed up alone an Organization of their own, at the first sign-in.

    By then the address is proven, where the console sends mail. None for everybody else, for who
    has joined an Organization meanwhile, and where the policy has changed.
    """
    newcomer = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not newcomer.is_newcomer:
        return None
    newcomer.is_newcomer = False
    newcomer.save(update_fields=["is_newcomer", "updated_at"])
    is_member = OrganizationRoleBinding.objects.filter(user=newcomer).exists()
    if is_member or not is_allowed(newcomer.email):
        return None
    organization = Organization.objects.create(name=_name(newcomer))
    OrganizationRoleBinding.objects.create(
        organization=organization, user=newcomer, role=Role.ORGANIZATION_OWNER
    )
    record(actor, "accounts.sign_up", organization, after=snapshot(organization))
    for listener in _listeners:
        listener(organization, Actor(actor.principal, actor.origin))
    scopes.announce_on_commit(newcomer.principal)
    return organization


def _is_open(installation: Installation) -> bool:
    if installation.sign_up == Installation.SignUp.DOMAINS:
        return settings.HAS_MAIL
    return installation.sign_up == Installation.SignUp.OPEN


def _check(domains: list[str]) -> None:
    wrong = [each for each in domains if not domain_names.is_domain(each)]
    if wrong:
        raise InvalidInput(
            f"Not a domain: {', '.join(wrong)[:200]}.",
            remedy="Write what follows the @, for example example.com.",
            fields={"domains": f"Not a domain: {', '.join(wrong)[:200]}"},
        )
    if len(domains) > MOST_DOMAINS:
        rule = f"At most {MOST_DOMAINS} domains"
        raise InvalidInput(f"{rule}.", fields={"domains": rule})


def _check_domains_can_hold(domains: list[str]) -> None:
    if not settings.HAS_MAIL:
        raise Conflict(
            "This console sends no mail, so nobody could prove an address: anybody could sign "
            "up as somebody of a listed domain.",
            remedy="Set EMAIL_HOST and start again, or invite people.",
            fields={"policy": "Needs a mail server: set EMAIL_HOST"},
        )
    if not domains:
        raise InvalidInput("No domain is listed.", fields={"domains": "List at least one domain"})


def _name(user: User) -> str:
    first = (user.full_name.split() or [user.email.partition("@")[0]])[0]
    return f"{first[:35]}'s Organization"
