"""The backup as a file: a tar whose last member lists all others with their checksums."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from astro_ui.backup.failure import BackupError
from astro_ui.backup.sealing import MAGIC, Opener, Sealer, is_sealed

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_CUT = BackupError("The backup is cut off or damaged.", "Copy it again, or use another one.")


class Writer:
    """Adds files; `finish` writes the manifest, without which the archive is not one."""

    def __init__(self, target: BinaryIO) -> None:
        self._tar = tarfile.open(fileobj=target, mode="w|")  # noqa: SIM115
        self._sums: dict[str, str] = {}

    def add_tree(self, root: Path, name: str, *, without: frozenset[str] = frozenset()) -> None:
        """Add a folder and what is below, as it is now; files that vanish meanwhile are left out.

        `without` names entries directly in `root`. Sockets and drafts are no part of it.
        """
        self.add(root, name)
        for path, folders, files in os.walk(root):
            if Path(path) == root:
                folders[:] = [each for each in folders if each not in without]
            folders[:] = [each for each in folders if not each.startswith(".draft-")]
            for each in sorted((*folders, *files)):
                inner = Path(path, each)
                self.add(inner, str(Path(name) / inner.relative_to(root)))

    def add(self, path: Path, name: str) -> None:
        try:
            entry = self._tar.gettarinfo(path, name)
            # None for a socket, which has no content
            if entry is not None:
                self._add(entry, path)
        except FileNotFoundError:
            return

    def add_bytes(self, content: bytes, name: str) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
        self._copy(entry, io.BytesIO(content))

    def finish(self, facts: dict[str, Any]) -> None:
        listed = {"format": FORMAT, **facts, "sha256": self._sums}
        content = json.dumps(listed, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, io.BytesIO(content))

    def close(self) -> None:
        self._tar.close()

    def _add(self, entry: tarfile.TarInfo, path: Path) -> None:
        if not entry.isreg():
            self._tar.addfile(entry)
            self._sums[entry.name] = _sum_of(entry)
            return
        with path.open("rb") as file:
            self._copy(entry, file)

    def _copy(self, entry: tarfile.TarInfo, file: BinaryIO) -> None:
        counted = _Exactly(file, entry.size)
        self._tar.addfile(entry, cast("Any", counted))
        self._sums[entry.name] = counted.digest.hexdigest()


class _Exactly:
    """As many bytes as were announced: a log that grows is cut, one that shrinks is filled."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        wanted = min(size, self._left)
        content = self._file.read(wanted).ljust(wanted, b"\0")
        self._left -= wanted
        self.digest.update(content)
        return content


@contextmanager
def writing(path: Path, passphrase: str) -> Iterator[Writer]:
    """A new file that only its owner can read; it appears under its name when it is complete."""
    if path.exists():
        raise BackupError(f"{path} is there already.", "Choose another name, or remove it.")
    draft = path.with_name(f".{path.name}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            sealer = Sealer(file, passphrase) if passphrase else None
            with closing(Writer(cast("BinaryIO", sealer or file))) as writer:
                yield writer
            if sealer:
                sealer.close()
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def unpack(path: Path, target: Path, passphrase: str) -> dict[str, Any]:
    """Unpack everything below `target` and answer the manifest; every file was compared with it.

    Raises BackupError for what is no backup, cut off, changed or of another format.
    """
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
        file.seek(0)
        if is_sealed(start) and not passphrase:
            raise BackupError("This backup is encrypted.", "Name its key with --passphrase-file.")
        source = Opener(file, passphrase) if is_sealed(start) else file
        try:
            found, manifest = _extract(cast("BinaryIO", source), target)
        except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
            raise _CUT from error
    return _compared(found, manifest)


def _extract(source: BinaryIO, target: Path) -> tuple[dict[str, str], bytes]:
    found: dict[str, str] = {}
    folders: dict[Path, int] = {}
    manifest = b""
    with tarfile.open(fileobj=source, mode="r|") as tar:
        for entry in tar:
            checked = _checked(entry, target)
            if entry.name == MANIFEST:
                manifest = _content(tar, entry)
            elif entry.isreg():
                found[entry.name] = _write(tar, checked, target / checked.name)
            else:
                tar.extract(checked, target, filter="fully_trusted")
                found[entry.name] = _sum_of(entry)
            if entry.isdir():
                folders[target / checked.name] = stat.S_IMODE(entry.mode) & 0o755
    for folder, mode in folders.items():
        folder.chmod(mode)
    return found, manifest


def _checked(entry: tarfile.TarInfo, target: Path) -> tarfile.TarInfo:
    """Refuse what would land outside, by name or through a link; keep modes, drop owners."""
    if not (entry.isreg() or entry.isdir() or entry.issym() or entry.islnk()):
        raise _CUT
    # It would move an absolute name below the target; ours never has one
    if tarfile.data_filter(entry, str(target)).name != entry.name:
        raise _CUT
    mode = (entry.mode & 0o755) | (0o700 if entry.isdir() else 0)
    return entry.replace(mode=mode, uid=None, gid=None, uname=None, gname=None)  # type: ignore[arg-type]


def _write(tar: tarfile.TarFile, entry: tarfile.TarInfo, path: Path) -> str:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for chunk in _chunks(tar, entry):
            digest.update(chunk)
            file.write(chunk)
    path.chmod(stat.S_IMODE(entry.mode))
    os.utime(path, (entry.mtime, entry.mtime))
    return digest.hexdigest()


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    return b"".join(_chunks(tar, entry))


def _chunks(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    file = tar.extractfile(entry)
    left = entry.size
    while file is not None and left > 0:
        chunk = file.read(min(_CHUNK, left))
        if not chunk:
            raise _CUT
        left -= len(chunk)
        yield chunk


def _sum_of(entry: tarfile.TarInfo) -> str:
    """Of folders and links there is no content to sum."""
    return f"{entry.type.decode()}:{entry.linkname}"


def _compared(found: dict[str, str], manifest: bytes) -> dict[str, Any]:
    if not manifest:
        raise _CUT
    listed: dict[str, Any] = json.loads(manifest)
    if listed.get("format") != FORMAT:
        raise BackupError(
            f"This backup has format {listed.get('format')}, this console reads {FORMAT}.",
            "Restore it with the version of the console that made it.",
        )
    if found != listed["sha256"]:
        wrong = sorted(dict(found.items() ^ listed["sha256"].items()))
        raise BackupError(f"The backup is damaged: {wrong[0]} differs.", "Use another one.")
    return listed
