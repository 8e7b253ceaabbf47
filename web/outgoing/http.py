"""HTTP to an address that a tenant supplied."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from socket import AF_INET

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from web.outgoing import rules
from web.outgoing.errors import AddressRefused, NoAnswer, too_slow
from web.outgoing.sockets import Target, resolve

_PIECE = 65_536
_TO_ANOTHER_PLACE = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
_SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Limits:
    seconds: float = 10.0
    """From the question for the name to the last byte of the answer, all hops together."""
    most_bytes: int = 1024**2
    """Of the answer's body as it is sent; nothing is unpacked."""
    redirects: int = 3


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Headers for the origin that was named alone: a redirect to another does not get them."""
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    url: str
    """Where it came from, after redirects."""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def send(request: Request, limits: Limits = Limits()) -> Answer:
    """Send it and read the whole answer, whatever its status.

    Each hop is judged anew and connects to the address that was judged. A redirect is followed
    with GET and HEAD, other methods only where it keeps method and body (307, 308) and stays at
    its origin, since a body may hold secrets as well; else it is the answer. Proxies, cookies and
    credentials of the environment play no part. Call it from a thread without an event loop.

    Raises AddressRefused where the rules forbid an address, NoAnswer for everything that goes
    wrong on the way: too slow, too long, too many redirects, no connection, no valid certificate.
    """
    return asyncio.run(_within(request, limits))


async def _within(request: Request, limits: Limits) -> Answer:
    try:
        async with asyncio.timeout(limits.seconds):
            return await _follow(request, limits)
    except TimeoutError:
        raise too_slow(limits.seconds) from None
    except aiohttp.ClientConnectorCertificateError as error:
        raise NoAnswer(f"Its certificate is not valid for {error.host}.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise NoAnswer("The connection failed.", remedy="Check that it listens there.") from error
    except ValueError as error:
        raise NoAnswer("A header cannot be sent as it is.") from error


async def _follow(request: Request, limits: Limits) -> Answer:
    url = rules.checked(request.url)
    for _ in range(limits.redirects + 1):
        answer = await _exchange(request, url, limits)
        onward = _onward(request, answer, url)
        if onward is None:
            return answer
        if onward.origin() != url.origin():
            if request.method not in _SAFE:
                return answer
            request = replace(request, secrets={}, body=b"")
        url = onward
    raise NoAnswer(f"It redirected more than {limits.redirects} times.")


def _onward(request: Request, answer: Answer, url: URL) -> URL | None:
    location = answer.headers.get("location", "")
    follows = request.method in _SAFE or answer.status in _KEEPS_METHOD
    if answer.status not in _TO_ANOTHER_PLACE or not location or not follows:
        return None
    try:
        onward = url.join(URL(location))
    except ValueError as error:
        raise AddressRefused("It redirects to what is not an address of the web.") from error
    return rules.checked(onward)


async def _exchange(request: Request, url: URL, limits: Limits) -> Answer:
    targets = await asyncio.wrap_future(resolve(url.raw_host or "", url.port or 0))
    connector = aiohttp.TCPConnector(
        resolver=_Resolved(targets), ssl=_trust(), limit=1, force_close=True
    )
    async with (
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as session,
        session.request(
            request.method,
            url,
            headers={"Accept-Encoding": "identity", **request.headers, **request.secrets},
            data=request.body or None,
            allow_redirects=False,
        ) as answer,
    ):
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, headers, await _body(answer, limits), str(url))


async def _body(answer: aiohttp.ClientResponse, limits: Limits) -> bytes:
    read = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE):
        read += piece
        if len(read) > limits.most_bytes:
            raise NoAnswer(f"Its answer is longer than {limits.most_bytes:,} bytes.")
    return bytes(read)


class _Resolved(AbstractResolver):
    """Knows the addresses that were judged, and asks nobody a second time.

    aiohttp passes over it where the host is an address: that is the very one that was judged.
    """

    def __init__(self, targets: list[Target]) -> None:
        self._targets = targets

    async def resolve(self, host: str, port: int = 0, family: int = AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=target.ip, port=port, family=target.family, proto=0, flags=0
            )
            for target in self._targets
        ]

    async def close(self) -> None:
        """Holds nothing."""


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The machine's certificate authorities; `SSL_CERT_FILE` names others."""
    return ssl.create_default_context()
