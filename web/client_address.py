"""Where a request came from: the one place that says so.

Proxies that the operator named (`TRUSTED_PROXIES`) are believed about whom they speak for, nobody
else. Everything that asks for a client's address (audit log, rate limits, address lists, the door
to an Airflow) asks here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
_SCHEMES = {"http": {"http": "http", "https": "https"}, "websocket": {"http": "ws", "https": "wss"}}


def of(request: HttpRequest) -> str:
    """The client's address in its shortest form; empty where there is none, as on a Unix socket.

    `BehindProxies` has put it into the request; no header of it is read here any more.
    """
    return plain(str(request.META.get("REMOTE_ADDR", "")))


def of_scope(scope: dict[str, Any]) -> str:
    """The same of a request that is not Django's yet."""
    return plain((scope.get("client") or ("", 0))[0])


def plain(text: str) -> str:
    """An address in its shortest form, IPv4 also where it came inside IPv6; else empty."""
    found = read(text)
    return str(found) if found else ""


def read(text: str) -> Address | None:
    """An address, perhaps with a port (`192.0.2.1:443`, `[2001:db8::1]:443`); None for others."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def behind(peer: str, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """The client for whom `peer` speaks, by the values of `X-Forwarded-For`.

    Read from the right: each trusted proxy is believed about the one before it, and the first that
    is not trusted is the client. What stands further left anybody may have written. Where an entry
    is no address, the proxy that wrote it is the last one that is known.
    """
    known = read(peer)
    entries = [entry for value in forwarded for entry in value.split(",")]
    while known and entries and any(known in network for network in trusted):
        before = read(entries.pop())
        if before is None:
            break
        known = before
    return str(known) if known else ""


class BehindProxies:
    """ASGI: put the client's own address and scheme in place of its proxy's.

    `X-Forwarded-For` and `-Proto` count only from a trusted peer. `Forwarded` never does: a proxy
    that does not know it passes on what the client wrote.
    """

    def __init__(self, application: Application, trusted: Iterable[str]) -> None:
        self._application = application
        self._trusted = [ip_network(each) for each in trusted]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] in _SCHEMES and scope.get("client") and self._trusted:
            scope = self._seen_through(scope)
        await self._application(scope, receive, send)

    def _seen_through(self, scope: dict[str, Any]) -> dict[str, Any]:
        peer, port = scope["client"]
        known = read(peer)
        if known is None or not any(known in network for network in self._trusted):
            return scope
        client = behind(peer, _values(scope, b"x-forwarded-for"), self._trusted)
        said = [value.strip() for value in _values(scope, b"x-forwarded-proto")]
        scheme = _SCHEMES[scope["type"]].get(said[-1] if said else "", scope["scheme"])
        is_peer = client == str(known)
        return scope | {"client": (client, port if is_peer else 0), "scheme": scheme}


def _values(scope: dict[str, Any], wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
