"""How lines of the log reach a file, a syslog server or an HTTP address."""

from __future__ import annotations

import fcntl
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import AuditSink
from audit.export import CONTENT_TYPE
from web.errors import DomainError
from web.outgoing import http, sockets

SECONDS = 10.0
_LONGEST_DATAGRAM = 60_000
_PIECE = 16_384
_AUDIT, _INFORMATIONAL, _WARNING = 13, 6, 4


@dataclass(frozen=True)
class Line:
    """A row: its facts, and the JSON of them with a line end."""

    facts: dict[str, Any]
    json: bytes


class NotTaken(DomainError):
    """What was sent was not taken, or not to the end; it is sent again."""

    status = 502
    title = "The sink did not take it"


def send(sink: AuditSink, lines: Sequence[Line]) -> None:
    """Have all of them taken. Raises NotTaken, NoAnswer and AddressRefused, in readable words."""
    try:
        _SENDERS[sink.kind](sink, lines)
    except ssl.SSLError as error:
        raise NotTaken(f"TLS failed: {error.reason or 'no agreement'}.") from error
    except OSError as error:
        raise NotTaken(f"The connection failed: {error.strerror or 'time is up'}.") from error


def _file(sink: AuditSink, lines: Sequence[Line]) -> None:
    """Append, on the disk when it returns. What a crash cut off stays a line of its own."""
    if settings.AUDIT_SINK_DIR is None:
        raise NotTaken("The operator of this console allows no files (ASTRO_UI_AUDIT_SINK_DIR).")
    folder = settings.AUDIT_SINK_DIR / sink.organization_id
    folder.mkdir(mode=0o750, exist_ok=True)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    descriptor = os.open(folder / sink.target, flags, 0o640)
    with os.fdopen(descriptor, "rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        is_torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
        file.write((b"\n" if is_torn else b"") + b"".join(line.json for line in lines))
        file.flush()
        os.fsync(descriptor)


def _http(sink: AuditSink, lines: Sequence[Line]) -> None:
    secrets = {sink.header: sink.secret} if sink.header else {}
    body = b"".join(line.json for line in lines)
    headers = {"Content-Type": CONTENT_TYPE, "User-Agent": "astro-ui-audit"}
    # Where the log goes is what somebody wrote down here, and nobody else's to say
    limits = http.Limits(seconds=SECONDS, redirects=0)
    answer = http.send(http.Request("POST", sink.target, headers, secrets, body), limits)
    if not answer.is_success:
        raise NotTaken(f"It answered with status {answer.status}.")


def _syslog(sink: AuditSink, lines: Sequence[Line]) -> None:
    host, _, port = sink.target.rpartition(":")
    host = host.strip("[]")
    messages = [syslog_message(line) for line in lines]
    if sink.transport == AuditSink.Transport.UDP:
        with sockets.datagram(host, int(port), seconds=SECONDS) as out:
            for message in messages:
                out.send(message[:_LONGEST_DATAGRAM])
        return
    deadline = monotonic() + SECONDS
    with sockets.connect(host, int(port), seconds=SECONDS) as plain:
        plain.settimeout(SECONDS)
        if sink.transport == AuditSink.Transport.TLS:
            with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as out:
                _stream(out, messages, deadline)
        else:
            _stream(plain, messages, deadline)


def _stream(out: socket.socket, messages: Sequence[bytes], deadline: float) -> None:
    """Frames that say their length (RFC 6587, RFC 5425).

    Syslog has no word of thanks. A server that hung up is heard of by reading after the last frame.
    """
    frames = memoryview(b"".join(b"%d %s" % (len(each), each) for each in messages))
    while frames:
        frames = frames[_sent(out, frames[:_PIECE], deadline) :]
    if isinstance(out, ssl.SSLSocket):
        return
    out.shutdown(socket.SHUT_WR)
    end = min(deadline, monotonic() + 1.0)
    while (left := end - monotonic()) > 0:
        out.settimeout(left)
        try:
            if not out.recv(1024):
                return
        except TimeoutError:
            return  # it keeps its side open, and did not refuse


def _sent(out: socket.socket, piece: memoryview, deadline: float) -> int:
    """How much of it went, before the deadline of all; a slow taker holds nobody up for longer."""
    left = deadline - monotonic()
    if left <= 0:
        raise NotTaken(f"It did not take all of it within {SECONDS:.0f} s.")
    out.settimeout(left)
    return out.send(piece)


def syslog_message(line: Line) -> bytes:
    """RFC 5424: facility 13 (log audit), informational, and a warning for what was not done."""
    facts = line.facts
    severity = _INFORMATIONAL if facts["outcome"] == "DONE" else _WARNING
    host = urlsplit(settings.BASE_URL).hostname or "-"
    head = f"<{_AUDIT * 8 + severity}>1 {facts['at']} {host} astro-ui - {facts['action'][:32]} - "
    return head.encode() + b"\xef\xbb\xbf" + line.json.rstrip(b"\n")


_SENDERS: dict[str, Callable[[AuditSink, Sequence[Line]], None]] = {
    AuditSink.Kind.FILE: _file,
    AuditSink.Kind.SYSLOG: _syslog,
    AuditSink.Kind.HTTP: _http,
}
