"""From a host name to a connected socket, by way of an address that was judged."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Thread
from typing import Any, TypeVar

from web.outgoing import rules
from web.outgoing.errors import NoAnswer, too_slow, unreachable

T = TypeVar("T")


@dataclass(frozen=True)
class Target:
    """An address that may be connected to, as `socket` takes it."""

    family: int
    address: Any
    """Host and port, and for IPv6 two more."""

    @property
    def ip(self) -> str:
        return str(self.address[0])


def resolve(host: str, port: int) -> Future[list[Target]]:
    """Ask once for the addresses of a host, and keep those that the rules permit.

    The future fails with AddressRefused where none is left. Asked in a thread that nobody waits
    for: a name server that is silent can hold it up for longer than any deadline.
    """
    return _apart(lambda: _permitted(host, port))


def connect(host: str, port: int, *, seconds: float) -> socket.socket:
    """A TCP connection, made within `seconds` including the question for the name.

    Raises AddressRefused, and NoAnswer where nothing listens or time is up.
    """
    until = time.monotonic() + seconds
    refused: OSError | None = None
    for target in _resolved(host, port, seconds):
        made = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            made.settimeout(max(until - time.monotonic(), 0.001))
            made.connect(target.address)
        except OSError as error:
            made.close()
            refused = error
        else:
            return made
    raise NoAnswer(f"{host} does not take connections at port {port}.") from refused


def datagram(host: str, port: int, *, seconds: float) -> socket.socket:
    """A UDP socket that sends to the host's address. Raises AddressRefused and NoAnswer."""
    target = _resolved(host, port, seconds)[0]
    made = socket.socket(target.family, socket.SOCK_DGRAM)
    made.settimeout(seconds)
    made.connect(target.address)
    return made


def _resolved(host: str, port: int, seconds: float) -> list[Target]:
    try:
        return resolve(host, port).result(timeout=seconds)
    except TimeoutError:
        raise too_slow(seconds) from None


def _permitted(host: str, port: int) -> list[Target]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise unreachable(host) from None
    targets = [Target(family, address) for family, _, _, _, address in found]
    kept = [target for target in targets if rules.permits(ip_address(target.ip))]
    if not kept:
        raise unreachable(host)
    return kept


def _apart(question: Callable[[], T]) -> Future[T]:
    answer: Future[T] = Future()
    answer.set_running_or_notify_cancel()  # who gives up no longer takes the place of an answer

    def run() -> None:
        try:
            answer.set_result(question())
        except BaseException as error:  # noqa: BLE001 - whoever waits is to have it
            answer.set_exception(error)

    Thread(target=run, name="outgoing-resolver", daemon=True).start()
    return answer
