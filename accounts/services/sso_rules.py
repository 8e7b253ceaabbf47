"""How a domain's people may sign in, set so that nobody shuts themselves out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import Q, QuerySet

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require
from access.scopes import EVERYBODY, announce_on_commit
from accounts import domain_names, openid
from accounts.models import SsoDomain, SsoIdentity, User
from accounts.two_factor import methods
from web.errors import Conflict, InvalidInput

Login = SsoDomain.Login
_ORDER = tuple(Login.values)


@action(Permission.ORGANIZATION_DOMAINS_UPDATE)
def set_enforced_logins(domain: SsoDomain, *, logins: Collection[str], actor: Actor) -> SsoDomain:
    """Leave these ways of signing in to the people of a domain, or with none, every way.

    Sessions begun another way end at their next request, and what the console gave to OpenID
    clients in these people's names ends at once. Raises Conflict while the domain is not
    proven, has no active connection for single sign-on, or where whoever sets it has not passed
    the connection, or could not come in themselves.
    """
    require(actor, Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE, domain)
    if not set(logins) <= set(_ORDER):
        raise InvalidInput("There is no such way.", fields={"logins": "Choose from the list"})
    if logins:
        _require_safe(domain, set(logins), actor)
    domain.enforced_logins = [each for each in _ORDER if each in logins]
    domain.save(update_fields=["enforced_logins", "updated_at"])
    if logins:
        openid.end_tokens(_people_of(domain))
    announce_on_commit(EVERYBODY)
    return domain


def _require_safe(domain: SsoDomain, logins: set[str], actor: Actor) -> None:
    if not domain.is_proven:
        raise Conflict(f"{domain} is not proven.", remedy="Put its TXT record into DNS first.")
    if Login.SSO in logins:
        _require_passed(domain, actor)
    user = User.objects.filter(pk=actor.principal.id).first()
    if user is None or not _lies_in(domain, user):
        return
    if not any(way in logins for way in _ways_of(domain, user)):
        raise Conflict(
            "You could not sign in yourself by any of these ways.",
            remedy="Set one of them up for yourself first: a passkey, or a test sign-in as "
            "yourself.",
        )


def _require_passed(domain: SsoDomain, actor: Actor) -> None:
    connection = domain.connection
    if connection is None or not connection.is_active:
        raise Conflict(
            f"People of {domain} have no active connection to sign in by.",
            remedy="Give the domain to an active connection first.",
        )
    passed = SsoIdentity.objects.filter(connection=connection, user_id=actor.principal.id)
    has_tested = connection.tested_at is not None and connection.tested_by_id == actor.principal.id
    if not passed.exists() and not has_tested:
        raise Conflict(
            f"You have not passed {connection} yourself.",
            remedy="Sign in by it, or run its test, then set the rule.",
        )


def _ways_of(domain: SsoDomain, user: User) -> Iterator[str]:
    if user.has_usable_password():
        yield Login.PASSWORD
    if any(each.is_enough_alone for each in methods.of(user).passkeys):
        yield Login.PASSKEY
    connection = domain.connection
    if connection is not None and (
        connection.tested_as_id == user.pk
        or SsoIdentity.objects.filter(connection=connection, user=user).exists()
    ):
        yield Login.SSO


def _lies_in(domain: SsoDomain, user: User) -> bool:
    return domain_names.of(user.email) == domain.domain


def _people_of(domain: SsoDomain) -> QuerySet[User]:
    is_theirs = Q()
    for each in domain_names.spellings(domain.domain):
        is_theirs |= Q(email__endswith=f"@{each}")
    return User.objects.filter(is_theirs)
