"""Heads of the chains, signed and outside the database: a file that is only added to.

One JSON object a line: `at`, `heads` by Organization ([number, rows, head]) as far as they grew,
`previous` (SHA-256 of the line before), `key` and `signature`.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings
from django.utils import timezone

from audit.models import Seal

_BLOCK = 65_536


def publish() -> int:
    """Append the heads that grew since the last line; answers how many.

    On the disk when it returns. A line that a crash cut off stays, and the next one is whole.
    """
    with _opened(settings.AUDIT_HEADS) as file:
        last = _last_line(file)
        grown, through = _grown(_through(last))
        if not grown:
            return 0
        facts = {
            "at": timezone.now().isoformat(timespec="seconds"),
            "through": through,
            "heads": grown,
            "previous": link_to(last),
        }
        torn = b"" if not last or last.endswith(b"\n") else b"\n"
        file.write(torn + json.dumps(signed(facts), separators=(",", ":")).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return len(grown)


def link_to(line: bytes) -> str:
    """What the next line says of this one; empty for none."""
    return sha256(line.rstrip(b"\n")).hexdigest() if line else ""


def signed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the fingerprint of the key, and a signature over all of it."""
    whole = {**facts, "key": fingerprint()}
    signature = base64.b64encode(_key().sign(_message(whole))).decode()
    return whole | {"signature": signature}


def is_signed(facts: Mapping[str, Any]) -> bool:
    """Whether this console signed exactly this, with its present key or a former one."""
    key = _public_keys(tuple(settings.AUDIT_PUBLIC_KEYS), _public()).get(str(facts.get("key")))
    if key is None:
        return False
    try:
        signature = base64.b64decode(facts["signature"], validate=True)
        message = _message({name: facts[name] for name in facts if name != "signature"})
        key.verify(signature, message)
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


def fingerprint() -> str:
    """Names the key without showing it."""
    return _name(_key().public_key())


def _public() -> str:
    pem = _key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


@lru_cache(maxsize=4)
def _public_keys(known: tuple[str, ...], present: str) -> dict[str, Ed25519PublicKey]:
    """By fingerprint."""
    found = (load_pem_public_key(each.encode()) for each in (*known, present))
    return {_name(key): key for key in found if isinstance(key, Ed25519PublicKey)}


def _name(key: Ed25519PublicKey) -> str:
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _key() -> Ed25519PrivateKey:
    key = load_pem_private_key(settings.AUDIT_PRIVATE_KEY.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("AUDIT_PRIVATE_KEY must be an Ed25519 key")
    return key


def _message(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()


def _through(last: bytes) -> int:
    """Up to which seal the last line went; 0 where it cannot say, or for another database."""
    try:
        through = int(json.loads(last)["through"]) if last else 0
    except (ValueError, KeyError, TypeError):
        return 0
    return through if Seal.objects.filter(pk__gte=through).exists() else 0


def _grown(through: int) -> tuple[dict[str, tuple[int, int, str]], int]:
    ends: Iterable[Seal] = (
        Seal.objects.filter(pk__gt=through)
        .order_by("organization_id", "-number")
        .distinct("organization_id")
        .defer("record_ids", "digests")
    )
    heads = {}
    for seal in ends:
        heads[seal.organization_id] = (seal.number, seal.rows, bytes(seal.head).hex())
        through = max(through, seal.pk)
    return heads, through


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """For adding, by one process at a time; only the console's own user can read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _last_line(file: BinaryIO) -> bytes:
    """With its line end, where it has one."""
    place = file.seek(0, os.SEEK_END)
    tail = b""
    while place and b"\n" not in tail[:-1]:
        step = min(_BLOCK, place)
        place = file.seek(place - step)
        tail = file.read(step) + tail
    return tail[tail[:-1].rfind(b"\n") + 1 :]
