"""Where things lie below the data directory; everything is relative to it, so it can move."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SOCKET_PATH_LIMIT = 100
"""Linux refuses unix socket paths above 107 bytes; the rest is room for a file name."""


@dataclass(frozen=True)
class Places:
    data: Path

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets"

    @property
    def metrics(self) -> Path:
        """Where the processes of one `up` keep their counts for Prometheus."""
        return self.run / "metrics"

    @property
    def sockets(self) -> Path:
        """A private folder for unix sockets: `run/`, or a short one where that is too long."""
        if len(str(self.run)) + 20 < _SOCKET_PATH_LIMIT:
            return self.run
        digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        return base / f"astro-ui-{os.getuid()}-{digest}"

    def make(self) -> None:
        """Create the folders. The data directory lets others pass but not look; the rest is
        private."""
        self.data.mkdir(mode=0o711, parents=True, exist_ok=True)
        for folder in (self.run, self.logs, self.secrets, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Of a link that somebody has put there first, and of what it leads to
            if {folder.lstat().st_uid, folder.stat().st_uid} != {os.getuid()}:
                raise PermissionError(f"{folder} belongs to another user")

    def keep(self, name: str) -> str:
        """A random password of ours, made at the first question and kept."""
        path = self.secrets / name
        if not path.exists():
            self.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text(encoding="utf-8").strip()


def write_private(path: Path, text: str) -> None:
    """Replace a file's content in one step; only its owner may read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def free_port(preferred: int = 0) -> int:
    """The preferred port on the loopback interface when nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free on the loopback interface")
