"""Who may provision: an API token of the Organization itself with the role Owner."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from access.actor import Actor
from access.roles import Role
from access.scopes import Scope, ScopeKind
from accounts import ip_access
from accounts.middleware import origin
from accounts.models import ApiToken, Organization
from accounts.services import bearers
from accounts.services.provisioning.errors import ScimOff
from audit.record import record_refusal
from web.errors import DomainError, NotFound


class NotOwner(DomainError):
    status = 403
    title = "This API token may not provision"


@dataclass(frozen=True)
class Caller:
    organization: Organization
    actor: Actor


def identify(request: HttpRequest, organization_id: str) -> Caller:
    """Raises InvalidToken, NotFound for another's Organization, NotOwner, and ScimOff.

    A token's Organization comes with it, so this asks the database twice.
    """
    token, actor = _bearer(request)
    organization = token.organization
    if organization.pk != organization_id:
        raise NotFound(
            "There is no such Organization, or the token is another's.",
            remedy="Copy the base URL from the Organization's settings once more.",
        )
    ip_access.require_admitted(organization, actor)
    held = actor.roles.get(Scope(ScopeKind.ORGANIZATION, organization.pk), frozenset())
    if Role.ORGANIZATION_OWNER not in held:
        record_refusal(actor, "accounts.provision", organization)
        raise NotOwner(
            "Provisioning needs an API token of the Organization with the role Owner.",
            remedy="Make one on the page API tokens, and give it to the identity provider.",
        )
    if not organization.is_scim_on:
        raise ScimOff(
            f"SCIM is switched off for {organization.name}.",
            remedy="Switch it on in the Organization's settings, under SCIM.",
        )
    return Caller(organization, actor)


def _bearer(request: HttpRequest) -> tuple[ApiToken, Actor]:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise bearers.InvalidToken(
            "No bearer was sent.",
            remedy="Send `Authorization: Bearer` with an API token of the Organization.",
        )
    where = origin(request, door="scim")
    token = bearers.identify(value.strip(), where)
    return token, Actor(token.principal, where)
