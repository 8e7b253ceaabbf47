"""A file that only a passphrase opens: AES-256-GCM in frames, the key by scrypt.

Each frame is bound to its place, and the last one to being the last, so a file that was cut,
reordered or changed does not open. Layout: MAGIC, 16 bytes of salt, then for each frame its
length in 4 bytes and its ciphertext.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from astro_ui.backup.failure import BackupError

MAGIC = b"ASTRO-UI-SEALED-1\n"
_FRAME = 1024 * 1024
_SALT = 16
_TAG = 16


def is_sealed(path_start: bytes) -> bool:
    return path_start.startswith(MAGIC)


class Sealer:
    """A file object to write to; `close` ends the last frame, and not the file below."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        salt = os.urandom(_SALT)
        target.write(MAGIC + salt)
        self._target = target
        self._cipher = _cipher(passphrase, salt)
        self._waiting = bytearray()
        self._count = 0

    def write(self, content: bytes) -> int:
        self._waiting += content
        while len(self._waiting) > _FRAME:
            self._send(bytes(self._waiting[:_FRAME]), is_last=False)
            del self._waiting[:_FRAME]
        return len(content)

    def close(self) -> None:
        self._send(bytes(self._waiting), is_last=True)

    def _send(self, content: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._count, is_last=is_last), content, MAGIC)
        self._target.write(len(sealed).to_bytes(4, "big") + sealed)
        self._count += 1


class Opener:
    """A file object to read from. Raises BackupError for a wrong passphrase or a damaged file."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        source.read(len(MAGIC))
        self._source = source
        self._cipher = _cipher(passphrase, source.read(_SALT))
        self._ready = b""
        self._count = 0
        self._is_over = False

    def read(self, size: int = -1) -> bytes:
        while not self._is_over and (size < 0 or len(self._ready) < size):
            self._ready += self._frame()
        end = len(self._ready) if size < 0 else size
        found, self._ready = self._ready[:end], self._ready[end:]
        return found

    def _frame(self) -> bytes:
        length = int.from_bytes(self._source.read(4), "big")
        sealed = self._source.read(length) if _TAG <= length <= _FRAME + _TAG else b""
        for is_last in (False, True):
            try:
                content = self._cipher.decrypt(_nonce(self._count, is_last=is_last), sealed, MAGIC)
            except (InvalidTag, ValueError):
                continue
            self._is_over = is_last
            self._count += 1
            return content
        raise self._damaged()

    def _damaged(self) -> BackupError:
        if self._count == 0:
            return BackupError(
                "The passphrase does not open this backup, or the file is damaged.",
                "Check the passphrase file.",
            )
        return BackupError("The backup is cut off or damaged.", "Copy it again, or use another.")


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    key = Scrypt(salt=salt.ljust(_SALT, b"\0"), length=32, n=2**15, r=8, p=1)
    return AESGCM(key.derive(passphrase.encode()))


def _nonce(count: int, *, is_last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([is_last])
