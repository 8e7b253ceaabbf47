"""To an OpenID provider and back: `begin` and `finish` of the common interface."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models import SsoConnection
from accounts.sso import flows
from accounts.sso.claims import Claims, SignInRefused
from accounts.sso.flows import Flow, Purpose
from accounts.sso.oidc import configuration, discovery, mapping, tokens
from accounts.sso.oidc.discovery import Provider
from web.outgoing import http

state_name = "state"
fields: tuple[str, ...] = configuration.FIELDS
check = configuration.check


def begin(
    connection: SsoConnection, request: HttpRequest, *, purpose: Purpose, next_url: str
) -> HttpResponse:
    if not connection.client_id:
        raise SignInRefused(
            "not_set_up",
            f"{connection} does not know its identity provider yet.",
            remedy="Give discovery URL and client ID in the connection's settings.",
        )
    provider = discovery.of(connection)
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    state = flows.begin(
        request,
        connection,
        purpose=purpose,
        next_url=next_url,
        secrets_={"nonce": nonce, "verifier": verifier},
    )
    asked = {
        "response_type": "code",
        "client_id": connection.client_id,
        "redirect_uri": connection.url("callback"),
        "scope": _scope(connection),
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    return HttpResponseRedirect(_with(provider.authorization_endpoint, asked))


def finish(connection: SsoConnection, request: HttpRequest, flow: Flow | None) -> Claims:
    if flow is None:
        raise SignInRefused(
            "wrong_state",
            "This browser did not begin this sign-in, or more than ten minutes ago.",
            remedy="Begin again at the sign-in page.",
        )
    provider = discovery.of(connection)
    code = _code(request.GET, provider)
    answer = _exchange(connection, provider, code, flow.secrets["verifier"])
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise SignInRefused(
            "no_token",
            "The identity provider sent no ID token.",
            remedy="Check that the connection asks for the scope openid.",
        )
    said = tokens.verify(connection, provider, token, nonce=flow.secrets["nonce"])
    said = {**_userinfo(provider, answer, said["sub"]), **said}
    return mapping.claims(connection, said, session_hint=token)


def sign_out_url(connection: SsoConnection, hint: str) -> str:
    """Source: OpenID Connect RP-Initiated Logout 1.0, section 2."""
    endpoint = discovery.of(connection).end_session_endpoint
    if not endpoint:
        return ""
    back = f"{settings.BASE_URL}{reverse('account_login')}"
    asked = {
        "id_token_hint": hint,
        "client_id": connection.client_id,
        "post_logout_redirect_uri": back,
    }
    return _with(endpoint, asked)


def _with(endpoint: str, asked: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def _code(given: Mapping[str, str], provider: Provider) -> str:
    issuer = given.get("iss", "")
    if (issuer or provider.says_issuer) and issuer != provider.issuer:
        raise SignInRefused("wrong_issuer", "Another identity provider answered than was asked.")
    if given.get("error"):
        raise _refused_there(given)
    if not given.get("code"):
        raise SignInRefused("no_code", "The identity provider sent neither a code nor an error.")
    return given["code"]


def _refused_there(given: Mapping[str, str]) -> SignInRefused:
    words = (given.get("error_description") or given["error"])[:200]
    return SignInRefused(
        "refused_by_provider",
        f"The identity provider did not sign you in: {words}",
        remedy="Try again, or ask whoever looks after it whether you may use this console.",
    )


def _exchange(
    connection: SsoConnection, provider: Provider, code: str, verifier: str
) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": connection.url("callback"),
        "code_verifier": verifier,
    }
    secret_headers: dict[str, str] = {}
    if provider.posts_secret or not connection.client_secret:
        form |= {"client_id": connection.client_id}
        form |= {"client_secret": connection.client_secret} if connection.client_secret else {}
    else:
        secret_headers["Authorization"] = _basic(connection)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    request = http.Request(
        "POST", provider.token_endpoint, headers, secret_headers, urlencode(form).encode()
    )
    answer = discovery.send(request, what="token endpoint")
    if answer.status in (400, 401, 403):
        raise SignInRefused(
            "code_refused",
            f"The identity provider did not accept the sign-in at its token endpoint: "
            f"{_error_of(answer)}.",
            remedy="Check client ID and secret in the connection's settings.",
        )
    return discovery.object_of(answer, what="token")


def _error_of(answer: http.Answer) -> str:
    try:
        return str(discovery.object_of(http.Answer(200, {}, answer.body, ""), what="")["error"])[
            :100
        ]
    except (SignInRefused, KeyError):
        return f"status {answer.status}"


def _userinfo(provider: Provider, answer: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """What it says about the same subject there, and of no other (Core, section 5.3.2)."""
    access_token = answer.get("access_token")
    if not provider.userinfo_endpoint or not isinstance(access_token, str):
        return {}
    said = discovery.fetch(
        provider.userinfo_endpoint,
        what="user info",
        headers={"Authorization": f"Bearer {access_token}"},
    )
    if said.get("sub") != subject:
        raise SignInRefused("wrong_subject", "The provider's user info speaks of somebody else.")
    return said


def _scope(connection: SsoConnection) -> str:
    wanted = connection.scopes.split()
    return " ".join(["openid", *(each for each in wanted if each != "openid")])


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _basic(connection: SsoConnection) -> str:
    """Source: RFC 6749, section 2.3.1: both are form-encoded first."""
    pair = f"{quote(connection.client_id, safe='')}:{quote(connection.client_secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
