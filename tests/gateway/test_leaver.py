"""Whom the identity provider switches off is out at each of the console's four doors."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from access.roles import Role
from accounts.models import ApiToken, Organization, SsoDomain, User
from deployments.models import Deployment
from tests import factories
from tests.gateway.stage import Browser, Stage, wait_for

SignedIn = Callable[[User], Browser]
PATIENCE = 10
"""Seconds; shorter than a stream's heartbeat, which would end it as well."""


@pytest.fixture
def leave(stage: Stage, acme: Organization, acme_domain: SsoDomain) -> Callable[[User], None]:
    """Acme's identity provider knows somebody, and then switches them off as Entra ID does."""
    Organization.objects.filter(pk=acme.pk).update(is_scim_on=True)
    bearer = factories.organization_token(acme, Role.ORGANIZATION_OWNER)
    base = f"{stage.console}/scim/v2/{acme.pk}"
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/scim+json"}

    def call(method: str, path: str, said: dict[str, Any]) -> dict[str, Any]:
        provider, body = stage.browser(), json.dumps(said).encode()
        answer = provider.request(method, f"{base}{path}", headers=headers, body=body)
        assert answer.status in (200, 201), answer.text
        return dict(json.loads(answer.body))

    def switch_off(user: User) -> None:
        known = call("POST", "/Users", {"userName": user.email, "displayName": str(user)})
        operation = {"op": "Replace", "path": "active", "value": "False"}
        call("PATCH", f"/Users/{known['id']}", {"Operations": [operation]})

    return switch_off


def test_their_session(
    stage: Stage, wanda: User, signed_in: SignedIn, leave: Callable[[User], None]
) -> None:
    browser = signed_in(wanda)
    page = f"{stage.console}/profile/"
    assert browser.open(page, follow=False).status == 200

    leave(wanda)

    answer = browser.open(page, follow=False)
    assert (answer.status, urlsplit(answer.location).path) == (302, "/accounts/login/")


def test_a_token_that_they_made(
    stage: Stage, acme: Organization, wanda: User, leave: Callable[[User], None]
) -> None:
    value = factories.organization_token(acme, Role.ORGANIZATION_MEMBER)
    ApiToken.objects.update(created_by=wanda)
    program, bearer = stage.browser(), {"Authorization": f"Bearer {value}"}
    address = f"{stage.console}/v1/organizations"
    assert program.request("GET", address, headers=bearer).status == 200

    leave(wanda)

    assert program.request("GET", address, headers=bearer).status == 401


def test_a_stream_that_they_have_open(
    stage: Stage, etl: Deployment, wanda: User, signed_in: SignedIn, leave: Callable[[User], None]
) -> None:
    browser = signed_in(wanda)
    browser.open(f"{stage.console}/profile/")
    with _stream(stage, browser, etl) as stream:
        leave(wanda)

        assert stream.read().decode().endswith("event: closed\ndata: \n\n")
    again = browser.fetch(f"{stage.console}/deployments/{etl.pk}/events/")
    assert again.status in (302, 401, 403)


def test_an_airflow_tab_that_they_have_open(
    stage: Stage, airflow: str, wanda: User, signed_in: SignedIn, leave: Callable[[User], None]
) -> None:
    browser = signed_in(wanda)
    browser.open(f"{stage.console}/profile/")
    assert browser.open(airflow).text == "hello /"
    with socket.create_connection(("127.0.0.1", stage.port), timeout=PATIENCE) as tab:
        tab.sendall(_raw(browser, airflow, "/silent"))
        wait_for(stage.upstream.is_streaming.is_set, what="Airflow works on it")
        seen = len(stage.upstream.seen)

        leave(wanda)

        assert b"hello" not in _rest(tab)
    wait_for(lambda: stage.upstream.hung_up == ["/silent"], what="Airflow is told")
    assert browser.fetch(f"{airflow}api/v2/dags").status == 401
    assert len(stage.upstream.seen) == seen


@contextmanager
def _stream(
    stage: Stage, browser: Browser, deployment: Deployment
) -> Iterator[http.client.HTTPResponse]:
    """An event stream whose first event has come."""
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=PATIENCE)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.jar["localhost"].items())
    headers = {"Host": f"localhost:{stage.port}", "Cookie": cookies}
    with closing(connection):
        connection.request("GET", f"/deployments/{deployment.pk}/events/", headers=headers)
        response = connection.getresponse()
        assert response.status == 200
        assert response.readline()
        yield response


def _raw(browser: Browser, airflow: str, path: str) -> bytes:
    parts = urlsplit(airflow)
    held = browser.jar[parts.hostname or ""]
    cookies = "; ".join(f"{name}={value}" for name, value in held.items())
    return f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookies}\r\n\r\n".encode()


def _rest(tab: socket.socket) -> bytes:
    """All that still comes, until the other side hangs up."""
    got = b""
    while chunk := tab.recv(4096):
        got += chunk
    return got
