"""Where the bytes of an upload wait, on disk, until its deploy is finalized.

The wire form is that of an Azure block blob: one whole body, or blocks and then a list of them.
Nothing is ever held in memory, and a body counts only once it is complete.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from access.ids import cuid
from deployments.archives import MAXIMUM_UPLOAD_BYTES
from web.errors import InvalidInput, TooLarge, Unavailable

_CHUNK = 1024**2


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Upload:
    """The folder of one deploy's upload."""

    def __init__(self, deploy_id: str) -> None:
        self.folder = root() / deploy_id

    def store(self, source: Source) -> str:
        """Keep a whole body; answer the version that `finalize` has to name."""
        with _explained():
            version = self._begin()
            with self._draft(version).open("xb") as sink:
                _copy(source, sink, allowed=MAXIMUM_UPLOAD_BYTES)
            return self._finish(version)

    def store_block(self, block_id: str, source: Source) -> None:
        """Keep one block; the same id again replaces it."""
        with _explained():
            self._begin()
            allowed = MAXIMUM_UPLOAD_BYTES - self._size_of_blocks()
            draft = self._draft(cuid())
            with draft.open("xb") as sink:
                _copy(source, sink, allowed=allowed)
            draft.replace(self._block(block_id))

    def join(self, block_ids: Sequence[str]) -> str:
        """Make one body of blocks in the given order; answer its version.

        Raises InvalidInput when one of them never arrived.
        """
        missing = [block_id for block_id in block_ids if not self._block(block_id).exists()]
        if missing or not block_ids:
            raise InvalidInput(
                "The block list names blocks that were never uploaded.",
                remedy="Upload every block, then send the list again.",
            )
        with _explained():
            version = self._begin()
            with self._draft(version).open("xb") as sink:
                for block_id in block_ids:
                    with self._block(block_id).open("rb") as source:
                        shutil.copyfileobj(source, sink, _CHUNK)
            finished = self._finish(version)
        for block in self.folder.glob("block-*"):
            block.unlink(missing_ok=True)
        return finished

    def body(self, version: str) -> Path:
        return self.folder / f"body-{version}"

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _begin(self) -> str:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cuid()

    def _draft(self, name: str) -> Path:
        return self.folder / f"draft-{name}"

    def _block(self, block_id: str) -> Path:
        return self.folder / f"block-{hashlib.sha256(block_id.encode()).hexdigest()}"

    def _size_of_blocks(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("block-*"))

    def _finish(self, version: str) -> str:
        """Give the body its name, and drop those that it replaces."""
        former = list(self.folder.glob("body-*"))
        self._draft(version).rename(self.body(version))
        for path in former:
            path.unlink(missing_ok=True)
        return version


def root() -> Path:
    return Path(settings.DATA_DIR) / "uploads"


def sweep(*, older_than_seconds: float) -> int:
    """Remove the uploads that nobody finalized; answer how many."""
    limit = time.time() - older_than_seconds
    stale = [path for path in _folders() if path.stat().st_mtime < limit]
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)


def _folders() -> Iterable[Path]:
    return root().iterdir() if root().exists() else ()


def _copy(source: Source, sink: BinaryIO, *, allowed: int) -> None:
    written = 0
    while chunk := source.read(_CHUNK):
        written += len(chunk)
        if written > allowed:
            raise too_large()
        sink.write(chunk)
    sink.flush()
    os.fsync(sink.fileno())


def too_large() -> TooLarge:
    return TooLarge(
        "The upload is larger than 2 GiB.",
        remedy="Leave out what Airflow does not need, such as data and environments.",
    )


@contextmanager
def _explained() -> Iterator[None]:
    """A full disk is nobody's mistake at the keyboard; say whom to ask."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise disk_full() from error


def disk_full() -> Unavailable:
    return Unavailable(
        "The console's disk is full; nothing was deployed.",
        remedy="Ask whoever runs this console to free space, then try again.",
    )


class StagedFile(UploadedFile):  # type: ignore[type-arg]
    """A file of a form that lies on disk, closed: ten thousand of them need no descriptors."""

    def __init__(self, path: Path, **about: Any) -> None:
        super().__init__(None, **about)
        self.path = path


class StagingHandler(FileUploadHandler):
    """Write each file of a form into `folder` as it arrives."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._count = 0
        self._received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._count += 1
        self._path = self._folder / str(self._count)
        self._sink = self._path.open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > MAXIMUM_UPLOAD_BYTES:
            raise too_large()
        with _explained():
            self._sink.write(raw_data)

    def file_complete(self, file_size: int) -> StagedFile:
        self._sink.close()
        return StagedFile(self._path, name=self.file_name, size=file_size)

    def upload_interrupted(self) -> None:
        self._sink.close()
