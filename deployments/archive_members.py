"""What one entry of an archive may be called and look like."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO

MAXIMUM_ENTRIES = 20_000
"""Files and folders together."""
MAXIMUM_PATH_BYTES = 1000
MAXIMUM_NAME_BYTES = 255
_MAXIMUM_DIRECTORY_BYTES = 32 * 1024**2
_MAXIMUM_HEADER_BYTES = 1024**2
_DRIVE = re.compile(r"^[A-Za-z]:")
_END = struct.Struct("<4s4H2LH")
_END_MARK, _ZIP64_MARK = b"PK\x05\x06", b"PK\x06\x07"
_UTF8_FLAG = 0x800


class ArchiveError(Exception):
    """This archive is not taken: what is wrong with it, and what to do."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy


@dataclass(frozen=True)
class Entry:
    """One file or folder, as the archive describes it."""

    name: str
    is_folder: bool
    is_special: bool
    """A link, a device, a pipe: anything but a plain file or folder."""
    open: Callable[[], IO[bytes]]


class Names:
    """All names of one archive: no two may mean the same file.

    Names that differ only in case or in the spelling of accents are one file on other systems.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, bool]] = {}

    def claim(self, path: PurePosixPath, entry: Entry) -> None:
        """Raise ArchiveError for what is no plain file or folder, or is there already."""
        if entry.is_special:
            raise ArchiveError(
                f"{str(path)[:200]!r} is a link or a device.",
                "Put the file itself into the archive, or leave it out.",
            )
        for folder in reversed(path.parents[:-1]):
            self._note(folder, is_folder=True)
        if path.parts:
            self._note(path, is_folder=entry.is_folder)

    def _note(self, path: PurePosixPath, *, is_folder: bool) -> None:
        key = unicodedata.normalize("NFC", str(path)).casefold()
        known = self._known.get(key)
        self._known[key] = (str(path), is_folder)
        is_same_folder = known == (str(path), True) and is_folder
        if known is not None and not is_same_folder:
            raise ArchiveError(
                f"The archive holds {str(path)[:200]!r} twice.",
                "Give each file a name of its own; upper and lower case count as the same.",
            )


def safe_path(name: str) -> PurePosixPath:
    """A name as a path below the archive's root. Raises ArchiveError for any that leads out of
    it, is too long, or is not plain UTF-8 text."""
    problem = _problem(name)
    if problem:
        raise ArchiveError(
            f"{name[:200]!r} {problem}.", "Pack the project's folder itself, with relative paths."
        )
    return PurePosixPath(*(part for part in name.split("/") if part not in ("", ".")))


def _problem(name: str) -> str:
    parts = name.split("/")
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        return "is not a name in UTF-8"
    if name.startswith("/") or _DRIVE.match(name):
        return "is an absolute path"
    if "\\" in name:
        return "has a backslash in its name"
    if ".." in parts:
        return "leads out of the archive"
    if not name or any(unicodedata.category(letter) == "Cc" for letter in name):
        return "has no name that a file can have"
    is_long = len(encoded) > MAXIMUM_PATH_BYTES
    if is_long or any(len(part.encode()) > MAXIMUM_NAME_BYTES for part in parts):
        return "has a path that is too long"
    return ""


def zip_name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: without the UTF-8 flag Python reads it as code page 437."""
    name = info.orig_filename
    if info.flag_bits & _UTF8_FLAG or name.isascii():
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return "\udcff"


def check_directory_of_zip(stream: BinaryIO) -> None:
    """Refuse a .zip whose directory is huge, before Python reads it whole into memory."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - (1 << 16) - _END.size - 20))
    tail = stream.read()
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise zipfile.BadZipFile
    _, _, _, _, count, directory_bytes, _, _ = _END.unpack_from(tail, at)
    is_zip64 = tail[max(0, at - 20) : at].startswith(_ZIP64_MARK)
    if is_zip64 or count > MAXIMUM_ENTRIES or directory_bytes > _MAXIMUM_DIRECTORY_BYTES:
        raise ArchiveError(
            f"The archive holds more than {MAXIMUM_ENTRIES:,} files and folders, or is a ZIP64.",
            "Leave out what Airflow does not need, or pack it as .tar.gz.",
        )
    stream.seek(0)


class BoundedStream(io.RawIOBase):
    """A tar's bytes for Python's tarfile: each one is counted, and no header may be huge."""

    def __init__(self, source: IO[bytes], count: Callable[[int], None]) -> None:
        self._source = source
        self._count = count
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > _MAXIMUM_HEADER_BYTES:
            raise ArchiveError(
                "A header of the archive is larger than 1 MiB.", "Pack the project again."
            )
        data = self._source.read(size)
        self._position += len(data)
        self._count(len(data))
        return data

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self.read(min(len(buffer), _MAXIMUM_HEADER_BYTES))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Only forward, by reading."""
        if whence != io.SEEK_SET or offset < self._position:
            raise io.UnsupportedOperation("only forward")
        while self._position < offset and self.read(min(offset - self._position, 1 << 16)):
            pass
        return self._position

    def drain(self) -> None:
        """Read to the end, so that a compressed stream proves its check sum."""
        while self.read(1 << 16):
            pass
