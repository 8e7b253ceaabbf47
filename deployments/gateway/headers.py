"""What may cross the door in either direction. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from multidict import CIMultiDict

from deployments.gateway import passes
from deployments.gateway.inbound import Header, Inbound

_HOP_BY_HOP = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    }
)  # fmt: skip
_OURS = re.compile(rb"authorization|cookie|forwarded|x-forwarded-.*|x-real-ip|x-astro-.*|remote-.*")
"""What Airflow believes only because this door says it."""
_OF_THE_SERVER = frozenset({b"server", b"date"})
"""The console's own server says them anew."""


def to_airflow(request: Inbound, authorization: str) -> CIMultiDict[str]:
    """The request's headers, with the console's word in place of the sender's.

    A name with an underscore never passes: a WSGI server reads `X_Forwarded_For` as
    `X-Forwarded-For`.
    """
    dropped = _named_by_connection(request.headers)
    kept = CIMultiDict(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in request.headers
        if name not in dropped and b"_" not in name and not _OURS.fullmatch(name)
    )
    if cookies := cookies_for_airflow(request):
        kept["Cookie"] = cookies
    public = urlsplit(request.address.base_url)
    kept["Authorization"] = authorization
    kept["X-Forwarded-For"] = request.client_ip
    kept["X-Forwarded-Host"] = request.host
    kept["X-Forwarded-Proto"] = public.scheme
    kept["X-Request-Id"] = request.request_id
    return kept


def to_browser(headers: tuple[Header, ...], request: Inbound, endpoint: str) -> Iterator[Header]:
    """Airflow's headers as they are, its own security headers included, but for three things.

    Hop-by-hop headers end here; a cookie stays on its own host and never takes the name of one of
    ours; an address of the inner server becomes the public one.
    """
    dropped = _named_by_connection(headers) | _OF_THE_SERVER
    for name, value in headers:
        lower = name.lower()
        if lower in dropped:
            continue
        if lower == b"set-cookie":
            if value.partition(b"=")[0].strip().decode("latin-1") not in own_cookies():
                yield lower, _host_only(value)
        elif lower == b"location":
            yield lower, _public(value, request, endpoint)
        else:
            yield lower, value


def cookies_for_airflow(request: Inbound) -> str:
    """The header `Cookie` without what is the console's and its door's; may be empty."""
    return "; ".join(f"{k}={v}" for k, v in request.cookies.items() if k not in own_cookies())


@cache
def own_cookies() -> frozenset[str]:
    """Cookies of the console and its door, which no Airflow may read or set."""
    return frozenset(
        {
            settings.SESSION_COOKIE_NAME,
            settings.CSRF_COOKIE_NAME,
            passes.COOKIE,
            passes.STATE_COOKIE,
        }
    )


def _named_by_connection(headers: list[Header] | tuple[Header, ...]) -> frozenset[bytes]:
    named = (
        word.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for word in value.split(b",")
    )
    return _HOP_BY_HOP.union(named)


def _host_only(cookie: bytes) -> bytes:
    """Without `Domain`, by which one Airflow could set cookies on its siblings and the console."""
    parts = cookie.split(b";")
    return b";".join(p for p in parts if not p.strip().lower().startswith(b"domain"))


def _public(location: bytes, request: Inbound, endpoint: str) -> bytes:
    inner = endpoint.encode()
    if not location.startswith(inner + b"/"):
        return location
    public = urlsplit(request.address.base_url)
    return f"{public.scheme}://{request.host}".encode() + location.removeprefix(inner)
