"""Where a secret must never lie: logs, queue, process arguments and database dumps."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
from redis import Redis

from astro_ui.embedded import binaries, cluster_database_url, redis_url


def places_of(secret: str, data: Path) -> list[str]:
    """Every place below a running console's data directory that tells the secret."""
    wanted = secret.encode()
    return [name for name, content in _everything(data) if wanted in content]


def _everything(data: Path) -> Iterator[tuple[str, bytes]]:
    yield from _logs(data)
    yield from _queue(data)
    yield from _arguments()
    yield "dump of all databases", _dump(data)


def _logs(data: Path) -> Iterator[tuple[str, bytes]]:
    files = [path for path in data.rglob("*") if "log" in path.name and path.is_file()]
    within = [path for path in data.rglob("logs/**/*") if path.is_file()]
    found = {*files, *within, *(data / "redis").rglob("*")}
    assert found
    yield from ((str(path), path.read_bytes()) for path in found if path.is_file())


def _queue(data: Path) -> Iterator[tuple[str, bytes]]:
    with Redis.from_url(redis_url(data)) as queue:
        for key in queue.scan_iter():
            yield f"key {key!r}", key + (queue.dump(key) or b"")


def _arguments() -> Iterator[tuple[str, bytes]]:
    for process in psutil.process_iter(["cmdline"]):
        yield f"arguments of {process.pid}", " ".join(process.info["cmdline"] or ()).encode()


def _dump(data: Path) -> bytes:
    url = cluster_database_url(data)
    done = subprocess.run(
        [binaries.folder() / "pg_dumpall", "--dbname", url, "--no-role-passwords"],
        # It asks again for each database, and of the address keeps everything but this
        env={"PGPASSWORD": unquote(urlsplit(url).password or "")},
        check=True,
        capture_output=True,
    )
    assert b"deployments_deployment" in done.stdout
    return done.stdout
