"""From the answered PATCH that switches somebody off until all that they had open is refused: the
session, a token that they made, an event stream, and an Airflow tab through the door."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from access.actor import system
from access.roles import Role
from accounts.models import ApiToken, Team, User
from accounts.services import organization_tokens
from astro_ui.bench.browser import Browser
from astro_ui.bench.metric import Metric
from astro_ui.bench.scim_crowd import Tenant
from astro_ui.bench.scim_load import person
from deployments.gateway import passes
from deployments.models import Cluster, Deployment, Wish
from workspaces.models import Workspace, WorkspaceRoleBinding

LEAVERS = 40
LIMIT_MS = 1_000.0
_PATIENCE_SECONDS = 20
_REFUSED = (301, 302, 303, 401, 403, 404)
_NAMESPACE = "calm-comet-0001"


@dataclass(frozen=True)
class Leaver:
    """Somebody with everything open."""

    record_id: str
    asks: dict[str, Callable[[], int]]
    """By what is asked: the status of one more request."""
    stream: http.client.HTTPResponse


def run(home: Tenant) -> list[Metric]:
    deployment = _deployment(home)
    client = home.connect()
    group = client.call("POST", "/Groups", {"displayName": "Leavers"}, expected=201)
    WorkspaceRoleBinding.objects.create(
        workspace=deployment.workspace,
        team=Team.objects.get(pk=group["id"]),
        role=Role.WORKSPACE_OWNER,
    )
    taken = [_left(home, _arrive(home, group["id"], n, deployment)) for n in range(LEAVERS)]
    return [
        Metric(
            "leaver: from the answered PATCH until all is refused, p99",
            statistics.quantiles(taken, n=100)[98],
            "ms",
            limit=LIMIT_MS,
            note=f"{LEAVERS} leavers, median {statistics.median(taken):.0f} ms; "
            "session, token, stream, Airflow tab",
        )
    ]


def _deployment(home: Tenant) -> Deployment:
    """Of a backend that runs nothing: who is let in at its door finds nobody there (503)."""
    organization = home.organization
    return Deployment.objects.create(
        organization=organization,
        workspace=Workspace.objects.create(organization=organization, name="Leavers"),
        cluster=Cluster.objects.get_or_create(name="bench", backend="memory")[0],
        name="leavers",
        namespace=_NAMESPACE,
        runtime_version="3.3-8",
        status="HEALTHY",
        wish=Wish.RUNNING,
        is_settled=True,
        applied_generation=1,
        endpoint="http://127.0.0.1:1",
        backend_state={"pretends": "running"},
    )


def _arrive(home: Tenant, group_id: str, number: int, deployment: Deployment) -> Leaver:
    client = home.connect()
    record = client.call("POST", "/Users", person(f"leaver{number}"), expected=201)
    operation = {"op": "Add", "path": "members", "value": [{"value": record["id"]}]}
    client.call("PATCH", f"/Groups/{group_id}", {"Operations": [operation]}, expected=204)
    client.close()
    user = User.objects.get(email=f"leaver{number}@example.com")
    key = _session(user)
    base = urlsplit(settings.BASE_URL)
    door = f"{base.scheme}://{_NAMESPACE}.{base.netloc}/api/v2/version"
    browser = Browser(
        {
            base.hostname or "": {settings.SESSION_COOKIE_NAME: key},
            f"{_NAMESPACE}.{base.hostname}": {
                passes.COOKIE: passes.seal(passes.Pass(key, _NAMESPACE))
            },
        }
    )
    token = organization_tokens.create_token(
        home.organization, name=f"of {number}", role=Role.ORGANIZATION_MEMBER, actor=system("bench")
    )
    ApiToken.objects.filter(pk=token.pk).update(created_by=user)
    bearer = {"Authorization": f"Bearer {token.value}"}
    page, api = f"{settings.BASE_URL}/profile/", f"{settings.BASE_URL}/v1/organizations"
    asks: dict[str, Callable[[], int]] = {
        "session": lambda: browser.ask("GET", page).status,
        "token": lambda: browser.ask("GET", api, headers=bearer).status,
        "tab": lambda: browser.ask("GET", door).status,
    }
    for name, ask in asks.items():
        if (status := ask()) in _REFUSED:
            raise RuntimeError(f"{name} answers {status} before anybody left")
    return Leaver(record["id"], asks, _stream(key, deployment.pk))


def _session(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = user.pk
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _stream(key: str, deployment_id: str) -> http.client.HTTPResponse:
    parts = urlsplit(settings.BASE_URL)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=_PATIENCE_SECONDS)
    headers = {"Host": parts.netloc, "Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"}
    connection.request("GET", f"/deployments/{deployment_id}/events/", headers=headers)
    response = connection.getresponse()
    if response.status != 200 or not response.readline():
        raise RuntimeError(f"the event stream answers {response.status}")
    return response


def _left(home: Tenant, leaver: Leaver) -> float:
    """Milliseconds until the last of the four is refused."""
    client = home.connect()
    operation = {"op": "Replace", "path": "active", "value": "False"}
    client.call("PATCH", f"/Users/{leaver.record_id}", {"Operations": [operation]})
    began = time.perf_counter()
    with ThreadPoolExecutor(4) as several:
        waits = [several.submit(_refused, ask, began) for ask in leaver.asks.values()]
        waits.append(several.submit(_ended, leaver.stream, began))
        taken = max(each.result() for each in waits)
    client.close()
    return taken


def _refused(ask: Callable[[], int], began: float) -> float:
    while time.perf_counter() - began < _PATIENCE_SECONDS:
        if ask() in _REFUSED:
            return (time.perf_counter() - began) * 1000
    raise RuntimeError("somebody who left is still let in")


def _ended(stream: http.client.HTTPResponse, began: float) -> float:
    while stream.readline():
        pass
    return (time.perf_counter() - began) * 1000
