"""The console's side of the door: where people go in, and where a front proxy asks."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from access.actor import Actor
from access.permissions import Permission
from access.policy import PermissionDenied, require
from deployments import queries
from deployments.gateway import answers, journal, passes
from deployments.gateway.addresses import OWN_PATH, Pattern, local_path
from deployments.gateway.decisions import Decision, Verdict, decide, state_of
from deployments.gateway.headers import cookies_for_airflow
from deployments.gateway.inbound import Inbound
from deployments.metrics import DOOR_REQUESTS
from deployments.models import Deployment
from deployments.views.routes import PageRequest
from web import client_address, render


@require_GET
def open_airflow(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Go into this Deployment's Airflow; also where an Airflow sends somebody it does not know."""
    deployment = queries.deployment(request.actor, deployment_id)
    _check(request.actor, deployment)
    if (state := state_of(deployment)) is not Verdict.ALLOWED:
        return _closed(request, deployment, state)
    address = Pattern.configured().of(deployment.namespace)
    inside = local_path(request.GET.get("next", ""), address.base_url)
    return _door(address.base_url, next=f"{address.prefix}/{inside}")


@require_GET
def sign_in(request: PageRequest, namespace: str) -> HttpResponse:
    """Send a browser back to the Airflow that it came from, with a ticket for it alone."""
    address = Pattern.configured().of(namespace)
    target = request.GET.get("next", "")
    state = request.GET.get("state", "")
    if not state:
        return _door(address.base_url, next=target)
    deployment = queries.deployment_in(request.actor, namespace)
    _check(request.actor, deployment)
    if (closed := state_of(deployment)) is not Verdict.ALLOWED:
        return _closed(request, deployment, closed)
    granted = passes.Pass(request.session.session_key or "", namespace)
    return _door(address.base_url, ticket=passes.ticket(granted, state=state), next=target)


@require_GET
def authorize(request: HttpRequest) -> HttpResponse:
    """Decide for a front proxy: 200 with the headers to attach, else why not.

    The proxy proves itself by `X-Astro-Proxy-Key` and describes the request in `X-Forwarded-Host`,
    `-Method` and `-Uri`; the rest are the request's own headers. A 401 for somebody who opens a
    page carries the `Location` to sign in at. The built-in proxy makes the same decision.
    `docs/front-proxy.md` has the whole exchange.
    """
    _check_proxy(request)
    asked = _described(request)
    if asked is None:
        raise Http404
    decision = decide(asked.asked)
    DOOR_REQUESTS.labels(decision.verdict.value, "front_proxy").inc()
    if journal.is_recorded(asked.method, is_navigation=asked.is_navigation):
        journal.write(decision, method=asked.method, path=asked.path, origin=asked.origin)
    if decision.verdict is Verdict.ALLOWED and not asked.is_forged:
        return HttpResponse(status=200, headers=_to_attach(asked, decision))
    return _refusal(asked, decision)


def _check(actor: Actor, deployment: Deployment) -> None:
    """Raise PermissionDenied, and write it down, where there is no right."""
    try:
        require(actor, Permission.DEPLOYMENT_AIRFLOW_WEBSITE_GET, deployment)
    except PermissionDenied:
        refused = Decision(Verdict.FORBIDDEN, actor=actor, deployment=deployment)
        journal.write(refused, method="GET", path="/", origin=actor.origin)
        raise


def _closed(request: PageRequest, deployment: Deployment, state: Verdict) -> HttpResponse:
    """Why there is no Airflow to go into now, and the way to its Deployment."""
    problem = answers.OF_VERDICT[state]
    context = {
        "deployment": deployment,
        "problem": problem,
        "is_asleep": state is Verdict.ASLEEP,
    }
    template = "deployments/airflow_closed.html"
    return render.page(request, template, context, status=problem.status)


def _door(base_url: str, **query: str) -> HttpResponse:
    where = f"{base_url}{OWN_PATH.lstrip('/')}sign-in?{urlencode(query)}"
    return HttpResponseRedirect(where, headers={"Referrer-Policy": "no-referrer"})


def _check_proxy(request: HttpRequest) -> None:
    """The answer holds an identity token: nobody but the proxy may ask."""
    key = settings.FRONT_PROXY_KEY
    shown = request.headers.get("X-Astro-Proxy-Key", "")
    if not key or not secrets.compare_digest(shown.encode(), key.encode()):
        raise Http404


def _described(request: HttpRequest) -> Inbound | None:
    """The request that the proxy asks about."""
    host = request.headers.get("X-Forwarded-Host", "")
    path, _, query = request.headers.get("X-Forwarded-Uri", "/").partition("?")
    address = Pattern.configured().match(host, path)
    if address is None:
        return None
    own = {"host", "x-forwarded-host", "x-astro-proxy-key"}
    kept = [(k.lower(), v) for k, v in request.headers.items() if k.lower() not in own]
    scope = {
        "method": request.headers.get("X-Forwarded-Method", "GET"),
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.encode(), v.encode("latin-1")) for k, v in [*kept, ("host", host)]],
        "client": (client_address.of(request), 0),
    }
    return Inbound(scope, address)


def _to_attach(asked: Inbound, decision: Decision) -> dict[str, str]:
    """Who somebody is, where to, and the cookies that this Airflow may see."""
    return {
        "Authorization": decision.authorization,
        "X-Astro-Upstream": urlsplit(decision.endpoint).netloc,
        "X-Astro-Cookie": cookies_for_airflow(asked),
    }


def _refusal(asked: Inbound, decision: Decision) -> HttpResponse:
    problem = answers.FORGED if asked.is_forged else answers.problem_of(decision)
    response = HttpResponse(f"{problem.title}. {problem.cause}", status=problem.status)
    if problem is answers.SIGNED_OUT and asked.is_navigation:
        state = asked.cookies.get(passes.STATE_COOKIE) or passes.new_state()
        response["Location"] = answers.console_sign_in(
            asked.address, state=state, next=asked.target
        )
        response["Set-Cookie"] = answers.cookie(
            passes.STATE_COOKIE, state, asked.address, path=OWN_PATH
        )
    return response
