"""What the door says itself: redirects, and pages or JSON where there is no Airflow to show.

The pages stand on the Airflow's own host, so they take nothing from the console's templates.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string

from deployments.gateway.addresses import OWN_PATH, Address
from deployments.gateway.decisions import Decision, Verdict
from deployments.gateway.inbound import Header, Inbound

Send = Callable[[dict[str, Any]], Awaitable[None]]

STYLE = (Path(__file__).parent / "door.css").read_bytes()
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Problem:
    """What happened, why, and what to do next."""

    status: int
    title: str
    cause: str
    remedy: str
    retry_seconds: int = 0
    """The page looks again by itself after this time; 0: it stays."""


STARTING = Problem(
    503,
    "This Airflow is starting",
    "Its web server does not answer yet.",
    "Wait a moment: this page opens it as soon as it answers.",
    retry_seconds=3,
)
ASLEEP = Problem(
    503,
    "This Airflow is asleep",
    "The Deployment hibernates: nothing of it runs, all of its data is kept.",
    "Wake it on the Deployment's page.",
)
FORBIDDEN = Problem(
    403,
    "You may not open this Airflow",
    "None of your roles includes access to it, or the one that did was taken away.",
    "Ask an Owner of the Workspace for a role such as Workspace Member.",
)
ELSEWHERE = Problem(
    403,
    "This API token is not accepted from your address",
    "It is bound to certain networks, and your address is in none of them.",
    "Call from one of them, or have its address ranges changed.",
)
SUSPENDED = Problem(
    403,
    "This Organization is suspended",
    "The operator of the console suspended the Organization of this Airflow.",
    "Open the console: it tells the reason, and whom to ask. Nothing was deleted.",
)
MISSING = Problem(
    404,
    "There is no Airflow here",
    "This Deployment does not exist, or you have no access to it.",
    "Check the address, or ask the person who sent it for access.",
)
SIGNED_OUT = Problem(
    401,
    "You are not signed in",
    "This request carries no sign-in of the console, or one that has ended.",
    "Open the Airflow from the console, or send an API token as a bearer.",
)
FORGED = Problem(
    403,
    "This change came from another site",
    "A page of another address tried to change something here in your name.",
    "If that was you, do it in this Airflow's own pages.",
)
TICKET_REFUSED = Problem(
    403,
    "This sign-in has expired",
    "It was used already, is older than 30 seconds, or this browser keeps no cookies here.",
    "Open the Airflow again. If this stays, allow cookies for this address.",
)
NO_ANSWER = Problem(
    502,
    "Airflow ended the connection",
    "Its web server took the request and hung up before it had answered.",
    "Try again. If this stays, look into the component logs of the Deployment.",
)
TOO_SLOW = Problem(
    504,
    "Airflow did not answer in time",
    "Its web server took the request and then said nothing for five minutes.",
    "Try again later, or look into the component logs of the Deployment.",
)
NO_UPGRADE = Problem(
    501,
    "No websockets here",
    "Airflow's pages need none, so the door to it passes none.",
    "Use Airflow's pages or its REST API.",
)

OF_VERDICT = {
    Verdict.STARTING: STARTING,
    Verdict.ASLEEP: ASLEEP,
    Verdict.FORBIDDEN: FORBIDDEN,
    Verdict.ELSEWHERE: ELSEWHERE,
    Verdict.SUSPENDED: SUSPENDED,
    Verdict.MISSING: MISSING,
    Verdict.SIGN_IN: SIGNED_OUT,
}


def problem_of(decision: Decision) -> Problem:
    """Why somebody does not pass; who belongs there is told by those who shut it."""
    reason = decision.reason
    if decision.verdict is not Verdict.SHUT_OUT or reason is None:
        return OF_VERDICT[decision.verdict]
    return Problem(reason.status, reason.title, reason.cause, reason.remedy)


def console_sign_in(address: Address, **query: str) -> str:
    """Where the console makes tickets for one Airflow; it asks nobody in there who it is for."""
    return f"{settings.BASE_URL}{OWN_PATH}sign-in/{address.namespace}/?{urlencode(query)}"


async def problem(
    send: Send, request: Inbound, what: Problem, *, decision: Decision | None = None
) -> None:
    """As a page to somebody who opens one, as JSON to everything else."""
    headers = [(b"cache-control", b"no-store"), (b"x-request-id", request.request_id.encode())]
    if what.retry_seconds:
        headers.append((b"retry-after", str(what.retry_seconds).encode()))
    if what.status == SIGNED_OUT.status:
        headers.append((b"www-authenticate", b"Bearer"))
    if request.is_navigation:
        headers.append((b"content-security-policy", _POLICY.encode()))
        kind, body = b"text/html; charset=utf-8", _page(request, what, decision)
    else:
        kind, body = b"application/json", _json(request, what)
    await respond(send, what.status, [*headers, (b"content-type", kind)], body)


async def redirect(send: Send, target: str, *cookies: str) -> None:
    headers = [(b"location", target.encode("latin-1")), (b"cache-control", b"no-store")]
    headers += [(b"set-cookie", cookie.encode()) for cookie in cookies]
    # A ticket must not travel on in the Referer of what comes next
    await respond(send, 302, [*headers, (b"referrer-policy", b"no-referrer")], b"")


async def style(send: Send) -> None:
    headers = [(b"content-type", b"text/css"), (b"cache-control", b"max-age=3600")]
    await respond(send, 200, headers, STYLE)


async def respond(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


def cookie(name: str, value: str, address: Address, *, path: str = "/") -> str:
    """For this Airflow's host (and path) alone, out of reach of its scripts."""
    secure = "; Secure" if address.base_url.startswith("https://") else ""
    return f"{name}={value}; Path={address.prefix}{path}; HttpOnly; SameSite=Lax{secure}"


def _page(request: Inbound, what: Problem, decision: Decision | None) -> bytes:
    """Only somebody who may see the Deployment is told its name."""
    deployment = decision.deployment if decision else None
    context = {
        "problem": what,
        "deployment": deployment,
        "is_asleep": what is ASLEEP,
        "console": settings.BASE_URL,
        "again": request.address.base_url,
        "style": f"{request.address.prefix}{OWN_PATH}door.css",
        "request_id": request.request_id,
    }
    return render_to_string("gateway/problem.html", context).encode()


def _json(request: Inbound, what: Problem) -> bytes:
    message = f"{what.title}. {what.cause} {what.remedy}"
    body = {"message": message, "requestId": request.request_id, "statusCode": what.status}
    return json.dumps(body).encode()
