"""From an uploaded archive to an immutable folder: nothing in it is believed.

Accepts `.zip`, `.tar.gz` and plain `.tar`, told apart by their content. Sizes and counts are
taken while the bytes stream, never from a header. The files appear under their final name in
one step, so a kill at any moment leaves either all of them or a draft that `sweep` removes.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import stat
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from deployments.archive_members import (
    MAXIMUM_ENTRIES,
    ArchiveError,
    BoundedStream,
    Entry,
    Names,
    check_directory_of_zip,
    safe_path,
    zip_name,
)

MAXIMUM_FILES = 10_000
MAXIMUM_UNPACKED_BYTES = 512 * 1024**2
MAXIMUM_UPLOAD_BYTES = 2 * 1024**3
MAXIMUM_RATIO = 200
"""Unpacked to packed, once more than RATIO_COUNTS_FROM bytes came out."""
RATIO_COUNTS_FROM = 16 * 1024**2
_CHUNK = 64 * 1024
_DRAFT = ".draft-"
_PROJECT_FOLDERS = frozenset({"dags", "plugins", "include"})
_LEFT_OUT = frozenset(
    {".git", ".venv", "__MACOSX", "__pycache__", ".DS_Store", "node_modules", ".ipynb_checkpoints"}
)
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, struct.error, EOFError,
    NotImplementedError, ValueError, OverflowError, IndexError,
)  # fmt: skip


@dataclass(frozen=True)
class Content:
    """What was unpacked. `sha256` is that of the lines `<sha256 of file>  <path>`, sorted by
    path, as `sha256sum` prints them: the same files have the same sum however they were packed."""

    sha256: str
    size_bytes: int
    file_count: int


def unpack(archive: Path, target: Path) -> Content:
    """Unpack into `target`, which must not exist, as a project with a folder `dags/`.

    A project keeps its layout; a single folder around it is stripped; anything else is taken
    as DAG files and put under `dags/`. Files become 0444, folders 0555.
    Raises ArchiveError with cause and remedy; then nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.parent / f"{_DRAFT}{target.name}-{os.getpid()}-{time.monotonic_ns()}"
    raw = draft / "raw"
    raw.mkdir(parents=True)
    try:
        _extract(archive, raw)
        root = _as_project(raw, draft)
        content = measure(root)
        _seal(root)
        root.rename(target)
        target.chmod(0o555)
    finally:
        remove(draft)
    return content


def measure(folder: Path) -> Content:
    """Sum, size and number of the files below a folder."""
    total, lines = 0, []
    for path in files(folder):
        with (folder / path).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        total += (folder / path).stat().st_size
        lines.append(f"{digest}  {path}\n")
    return Content(hashlib.sha256("".join(lines).encode()).hexdigest(), total, len(lines))


def files(folder: Path) -> list[str]:
    """The paths of all files below a folder, sorted."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(str(path.relative_to(folder)) for path in found)


def remove(folder: Path) -> None:
    """Remove a folder, sealed ones too; already gone is success."""
    for place, _, _ in os.walk(folder):
        Path(place).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path, *, older_than_seconds: float) -> int:
    """Remove the drafts of unpackings that were killed; answer how many."""
    limit = time.time() - older_than_seconds
    stale = [path for path in folder.glob(f"*/{_DRAFT}*") if path.stat().st_mtime < limit]
    for path in stale:
        remove(path)
    return len(stale)


def _extract(archive: Path, raw: Path) -> None:
    budget = _Budget(packed=archive.stat().st_size)
    names = Names()
    count = 0
    try:
        for seen, entry in enumerate(_entries(archive, budget), start=1):
            path = safe_path(entry.name)
            if _is_left_out(path):
                continue
            names.claim(path, entry)
            count += not entry.is_folder
            if count > MAXIMUM_FILES or seen > MAXIMUM_ENTRIES:
                raise ArchiveError(
                    f"The archive holds more than {MAXIMUM_FILES:,} files.",
                    "Leave out what Airflow does not need, such as data and environments.",
                )
            _place(entry, raw / path, budget)
    except _BROKEN:
        raise ArchiveError(
            "The archive is damaged or was cut off.", "Pack it again and upload it once more."
        ) from None
    if count == 0:
        raise ArchiveError("The archive holds no file.", "Put DAG files into it and try again.")


def _entries(archive: Path, budget: _Budget) -> Iterator[Entry]:
    with archive.open("rb") as stream:
        head = stream.read(512)
        stream.seek(0)
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            yield from _zip_entries(stream)
        elif head[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=stream) as unzipped:
                yield from _tar_entries(cast("IO[bytes]", unzipped), budget)
        elif head[257:262] == b"ustar":
            yield from _tar_entries(stream, budget)
        elif not head:
            raise ArchiveError("The upload is empty.", "Choose an archive or a folder with DAGs.")
        else:
            raise ArchiveError(
                "This is neither a .zip nor a .tar.gz.", "Pack the project as one of these."
            )


def _zip_entries(stream: BinaryIO) -> Iterator[Entry]:
    check_directory_of_zip(stream)
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if info.header_offset < 0:
                raise zipfile.BadZipFile("a member begins before the file does")
            mode = info.external_attr >> 16
            is_plain = stat.S_IFMT(mode) in (0, stat.S_IFREG, stat.S_IFDIR)
            is_readable = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            if info.flag_bits & 1 or not is_readable:
                raise ArchiveError(
                    f"{info.filename[:200]!r} is encrypted or packed in an unusual way.",
                    "Make a plain .zip without a password.",
                )
            yield Entry(
                name=zip_name(info),
                is_folder=info.is_dir(),
                is_special=not is_plain,
                open=lambda info=info: archive.open(info),  # type: ignore[misc]
            )


def _tar_entries(stream: IO[bytes], budget: _Budget) -> Iterator[Entry]:
    bounded = BoundedStream(stream, budget.take_raw)
    with tarfile.open(fileobj=bounded, mode="r:", encoding="utf-8") as archive:
        for info in archive:
            yield Entry(
                name=info.name,
                is_folder=info.isdir(),
                is_special=not (info.isreg() or info.isdir()) or info.issparse(),
                open=lambda info=info: _opened(archive, info),  # type: ignore[misc]
            )
    bounded.drain()


def _opened(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)
    assert stream is not None  # noqa: S101 - only links and devices have no content
    return stream


class _Budget:
    """How much may still come out of the archive."""

    def __init__(self, *, packed: int) -> None:
        self.packed = max(packed, 1)
        self.written = 0
        self.raw = 0

    def take(self, count: int) -> None:
        """Count bytes of files."""
        self.written += count
        self._check(self.written)

    def take_raw(self, count: int) -> None:
        """Count decompressed bytes of a tar: its files, headers and padding."""
        self.raw += count
        self._check(self.raw - MAXIMUM_FILES * 2048)

    def _check(self, size: int) -> None:
        if size > MAXIMUM_UNPACKED_BYTES:
            raise ArchiveError(
                "The archive unpacks to more than 512 MiB.",
                "Leave out data files; DAGs can fetch them when they run.",
            )
        if size > RATIO_COUNTS_FROM and size > self.packed * MAXIMUM_RATIO:
            raise ArchiveError(
                f"The archive unpacks to more than {MAXIMUM_RATIO} times its size.",
                "Leave out the file that consists of repetition.",
            )


def _place(entry: Entry, path: Path, budget: _Budget) -> None:
    if entry.is_folder:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with entry.open() as source, path.open("xb") as sink:
        while chunk := source.read(_CHUNK):
            budget.take(len(chunk))
            sink.write(chunk)


def _is_left_out(path: PurePosixPath) -> bool:
    """What no Airflow needs, and what file managers add on their own."""
    return not _LEFT_OUT.isdisjoint(path.parts) or path.name.startswith("._")


def _as_project(raw: Path, draft: Path) -> Path:
    """The folder that holds `dags/`, with the least guessing that still helps."""
    inner = raw
    top = list(raw.iterdir())
    if len(top) == 1 and top[0].is_dir() and top[0].name not in _PROJECT_FOLDERS:
        inner = top[0]
    if any((inner / name).is_dir() for name in _PROJECT_FOLDERS):
        return inner
    project = draft / "project"
    project.mkdir()
    inner.rename(project / "dags")
    return project


def _seal(root: Path) -> None:
    """Nobody changes a deploy; the top folder is sealed last, after it got its name."""
    for place, folders, names in os.walk(root, topdown=False):
        for name in names:
            (Path(place) / name).chmod(0o444)
        for name in folders:
            (Path(place) / name).chmod(0o555)


def pack(pieces: Iterable[tuple[str, Path]], archive: Path) -> None:
    """Make a plain tar of files under the names that somebody gave them, unchecked: `unpack`
    judges them like those of any other archive."""
    with tarfile.open(archive, "w") as sink:
        for name, path in pieces:
            _add(sink, name, path)


def pack_folder(folder: Path, sink: IO[bytes]) -> None:
    """Write a `.tar.gz` of a deploy; unpacking it gives the same sum again."""
    with tarfile.open(fileobj=sink, mode="w:gz", compresslevel=1) as archive:
        for name in files(folder):
            _add(archive, name, folder / name)


def _add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = path.stat().st_size, 0o644
    with path.open("rb") as source:
        archive.addfile(info, source)
