"""To a SAML provider and back: `begin` and `finish` of the common interface."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.models import SsoConnection
from accounts.sso import flows
from accounts.sso.claims import Claims
from accounts.sso.flows import Flow, Purpose
from accounts.sso.saml import configuration, mapping, messages, parking
from accounts.sso.saml.document import refused
from accounts.sso.saml.trust import Trust

state_name = "RelayState"
fields: tuple[str, ...] = configuration.FIELDS
check = configuration.check


def trust_of(connection: SsoConnection) -> Trust:
    """The entity ID is the address of our metadata, so that it is unique and can be read."""
    return Trust(
        idp_entity_id=connection.idp_entity_id,
        sso_url=connection.sso_url,
        slo_url=connection.slo_url,
        certificates=tuple(connection.certificates),
        sp_entity_id=connection.url("metadata"),
        acs_url=connection.url("acs"),
        sls_url=connection.url("sls"),
    )


def begin(
    connection: SsoConnection, request: HttpRequest, *, purpose: Purpose, next_url: str
) -> HttpResponse:
    if not (connection.idp_entity_id and connection.sso_url and connection.certificates):
        raise refused(
            "not_set_up",
            f"{connection} does not know its identity provider yet.",
            remedy="Give the provider's metadata in the connection's settings.",
        )
    request_id = messages.new_id()
    state = flows.begin(
        request,
        connection,
        purpose=purpose,
        next_url=next_url,
        secrets_={"request": request_id},
    )
    trust = trust_of(connection)
    url = messages.authn_request_url(trust, request_id, state, now=timezone.now())
    return HttpResponseRedirect(url)


def finish(connection: SsoConnection, request: HttpRequest, flow: Flow | None) -> Claims:
    """The answer was proven when it came (`parking`); here it has to be of this browser."""
    said = parking.take(connection, request.GET.get("ticket", ""), now=timezone.now())
    if said is None:
        raise refused("wrong_ticket", "This answer was used before, or waited too long.")
    asked = flow.secrets.get("request") if flow else None
    if not asked or said.in_response_to != asked:
        raise refused(
            "wrong_request",
            "This browser did not begin this sign-in, or more than ten minutes ago.",
            remedy="Begin again at the sign-in page.",
        )
    return mapping.claims(connection, said)


def sign_out_url(connection: SsoConnection, hint: str) -> str:
    """Source: SAML 2.0 Profiles, section 4.4.3."""
    if not connection.slo_url:
        return ""
    name_id, name_format, session_index = json.loads(hint)
    return messages.logout_request_url(
        trust_of(connection),
        name_id=name_id,
        name_format=name_format,
        session_index=session_index,
        relay="",
        now=timezone.now(),
    )
