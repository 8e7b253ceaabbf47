"""Connections to identity providers: made, tested, activated, turned off, deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from access.policy import require_within
from access.roles import ORGANIZATION_ROLES, Role
from accounts.models import Organization, SsoConnection, SsoDomain, User
from accounts.sso import protocols, rules
from web.errors import Conflict, InvalidInput, check_text

State = SsoConnection.State
MOST_CONNECTIONS = 20
_COMMON = ("name", "provider", "jit_enabled")
ATTRIBUTES = (
    "email_attribute", "first_name_attribute", "last_name_attribute", "name_attribute",
    "groups_attribute",
)  # fmt: skip


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE, creates=True)
def create_connection(
    organization: Organization, *, kind: str, values: Mapping[str, Any], actor: Actor
) -> SsoConnection:
    """Make one that signs nobody in yet.

    Raises InvalidInput, which names the field, ExceedsOwnRights for whoever holds less than an
    Owner, and Conflict for a name that is taken and for more than twenty.
    """
    there = SsoConnection.objects.filter(organization=organization)
    if there.count() >= MOST_CONNECTIONS:
        raise Conflict(f"An Organization has at most {MOST_CONNECTIONS} connections.")
    connection = SsoConnection(organization=organization, kind=kind)
    _fill(connection, values, actor)
    connection.save(force_insert=True)
    _take_domains(connection, values.get("domains", ()))
    return connection


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def update_connection(
    connection: SsoConnection, *, values: Mapping[str, Any], seen: str = "", actor: Actor
) -> SsoConnection:
    """Change it; a running one goes on running, untested as it then is.

    An empty secret keeps the one that there is, but never for another provider; nor does another
    one's word count of whom the first one meant by its subjects, or had in its groups. Raises as
    `create_connection`, and Conflict where it would undo what somebody saved since `seen`.
    """
    if seen and seen != connection.version:
        raise Conflict(
            "Somebody else changed the connection meanwhile.",
            remedy="Look at what it says now, then save again.",
        )
    _refuse_dropping_enforced(connection, values.get("domains"))
    before, provider = _of_protocol(connection), connection.provider_name
    _fill(connection, values, actor)
    if _of_protocol(connection) != before:
        connection.tested_at = connection.tested_as = None
        connection.state = State.DRAFT if connection.state == State.TESTED else connection.state
    connection.save()
    if connection.provider_name != provider:
        connection.identities.all().delete()
        rules.forget(connection, actor=actor)
    _take_domains(connection, values.get("domains"))
    return connection


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def pass_test(connection: SsoConnection, *, tested_as: User | None, actor: Actor) -> SsoConnection:
    """Note that a test sign-in passed just now, and whom it would have signed in."""
    connection.tested_at = timezone.now()
    connection.tested_by_id = actor.principal.id
    connection.tested_as = tested_as
    if connection.state in (State.DRAFT, State.OFF):
        connection.state = State.TESTED
    connection.save()
    return connection


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def activate_connection(connection: SsoConnection, *, actor: Actor) -> SsoConnection:
    """Have people of its domains sign in by it.

    Raises ExceedsOwnRights as `create_connection`, and Conflict unless its test has passed.
    """
    _require_trusted(connection, actor)
    if connection.state != State.TESTED:
        raise Conflict(
            f"{connection} has passed no test sign-in since it was changed.",
            remedy="Run the test, then activate it.",
        )
    connection.state = State.ACTIVE
    connection.save(update_fields=["state", "updated_at"])
    return connection


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def turn_off_connection(connection: SsoConnection, *, actor: Actor) -> SsoConnection:
    """Nobody signs in by it any more; sessions go on. Raises Conflict while a domain's people have
    no other way."""
    _refuse_while_needed(connection)
    connection.state = State.OFF
    connection.save(update_fields=["state", "updated_at"])
    return connection


@action(Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE)
def delete_connection(connection: SsoConnection, *, typed_name: str, actor: Actor) -> SsoConnection:
    """Forget it and whom it knows; accounts and memberships stay. Raises InvalidInput unless the
    name was typed, and Conflict as `turn_off_connection`."""
    if typed_name.strip() != connection.name:
        raise InvalidInput(
            "The name does not match.", fields={"confirmation": f"Type {connection.name}"}
        )
    _refuse_while_needed(connection)
    rules.forget(connection, actor=actor)
    connection.delete()
    return connection


def _fill(connection: SsoConnection, values: Mapping[str, Any], actor: Actor) -> None:
    check_text("name", values["name"], least=1, most=50)
    role = values.get("default_role") or Role.ORGANIZATION_MEMBER
    if role not in ORGANIZATION_ROLES:
        raise InvalidInput("Choose a role.", fields={"default_role": "Choose a role"})
    _require_trusted(connection, actor)
    _refuse_taken(connection, values["name"].strip())
    fields = (*_COMMON, *ATTRIBUTES, *protocols.OF[connection.kind].fields)
    for name in fields:
        if name in values:
            value = values[name]
            setattr(connection, name, value.strip() if isinstance(value, str) else value)
    connection.default_role = role
    _check_attributes(connection)
    protocols.OF[connection.kind].check(connection)
    _keep_secret(connection, values)


def _require_trusted(connection: SsoConnection, actor: Actor) -> None:
    """Whom a provider names, it signs in, Owners too: so only they say which one is believed."""
    require_within(actor, Role.ORGANIZATION_OWNER, connection.organization)


def _keep_secret(connection: SsoConnection, values: Mapping[str, Any]) -> None:
    """Whoever may change the address must not have the secret sent to it."""
    if values.get("client_secret") or connection._state.adding:
        return
    old = SsoConnection.objects.get(pk=connection.pk)
    is_moved = connection.discovery_url != old.discovery_url
    if is_moved and old.client_secret:
        words = "Give it again: the provider's address changed."
        raise InvalidInput(
            "The secret is not sent to another provider.", fields={"client_secret": words}
        )
    connection.client_secret = old.client_secret


def _check_attributes(connection: SsoConnection) -> None:
    for name in ATTRIBUTES:
        check_text(name, getattr(connection, name), least=1, most=200)


def _refuse_taken(connection: SsoConnection, name: str) -> None:
    others = SsoConnection.objects.filter(
        organization_id=connection.organization_id, name__iexact=name
    )
    if others.exclude(pk=connection.pk).exists():
        raise Conflict("Another connection has this name.", fields={"name": "Is taken"})


def _of_protocol(connection: SsoConnection) -> dict[str, Any]:
    names = (*protocols.OF[connection.kind].fields, *ATTRIBUTES)
    return {name: getattr(connection, name) for name in names}


def _take_domains(connection: SsoConnection, ids: Collection[str] | None) -> None:
    """Have these domains' people sent to it, and no others; None: leave it as it is.

    Raises Conflict for a domain whose people have to sign in by another one that runs, unless
    this one runs and is tested.
    """
    if ids is None:
        return
    own = SsoDomain.objects.filter(organization_id=connection.organization_id)
    if not connection.is_active or connection.tested_at is None:
        others = own.filter(pk__in=ids, connection__state=State.ACTIVE)
        _refuse_for(others.exclude(connection=connection))
    own.filter(connection=connection).exclude(pk__in=ids).update(connection=None)
    own.filter(pk__in=ids).update(connection=connection)


def _refuse_dropping_enforced(connection: SsoConnection, ids: Collection[str] | None) -> None:
    if ids is None or not connection.is_active:
        return
    _refuse_for(connection.domains.exclude(pk__in=ids))


def _refuse_while_needed(connection: SsoConnection) -> None:
    if connection.is_active:
        _refuse_for(connection.domains.all())


def _refuse_for(domains: Any) -> None:
    needed = [each.domain for each in domains if SsoDomain.Login.SSO in each.enforced_logins]
    if needed:
        raise Conflict(
            f"People of {', '.join(needed)} have to sign in by it.",
            remedy="End that rule on the domain's page first.",
        )
