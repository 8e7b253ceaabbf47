"""`./console backup FILE`: everything, while the console runs or while it is stopped."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from astro_ui.backup import archive, servers
from astro_ui.backup.archive import Writer
from astro_ui.backup.failure import BackupError
from astro_ui.doctor.run import is_up
from astro_ui.embedded import Places
from astro_ui.environment import Environment
from astro_ui.up.run import only_one
from astro_ui.up.site import CHECKOUT, Site, data_directory
from astro_ui.version import VERSION

KEYS = {
    "secret_key": "SECRET_KEY",
    "encryption_key": "ENCRYPTION_KEYS",
    "identity_key.pem": "IDENTITY_PRIVATE_KEY",
    "audit_key.pem": "AUDIT_PRIVATE_KEY",
    "openid_key.pem": "OPENID_PRIVATE_KEY",
}
"""Files of the key store, and the variable that takes the place of each."""
_NOT_OF_A_DEPLOYMENT = frozenset({"logs", "supervisor"})
_AT_ONCE = 4


def main(arguments: list[str]) -> int:
    """Write the file; 0 when it is complete."""
    options = asked("backup", str(__doc__), arguments)
    try:
        backup(Places(data_directory()), options.file, passphrase(options.passphrase_file))
    except (BackupError, psycopg.Error, RuntimeError, OSError) as error:
        print(f"\nNo backup was made. {error}", file=sys.stderr)
        return 1
    say(f"{options.file} is complete: {options.file.stat().st_size / 1024**2:.1f} MiB")
    if not options.passphrase_file:
        say("It holds the keys and every secret of this console, readable by whoever has it.")
        say("Keep it as you keep those, or encrypt it with --passphrase-file.")
    return 0


def asked(command: str, words: str, arguments: list[str]) -> argparse.Namespace:
    """What a backup and a restore are told alike."""
    parser = argparse.ArgumentParser(prog=f"console {command}", description=words)
    parser.add_argument("file", type=Path)
    parser.add_argument("--passphrase-file", type=Path, help="what encrypts and opens it")
    return parser.parse_args(arguments)


def backup(places: Places, file: Path, passphrase: str = "") -> None:
    """Write everything below `places`, and the databases, into a new file.

    The console's database is read first, at one moment; then each Deployment's, each at its own.
    Nothing is frozen: what changes meanwhile is in it as before or as after. Raises BackupError.
    """
    if not places.data.exists():
        raise BackupError(f"{places.data} does not exist.", "Name the data directory with --data.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with (
        _server(places),
        archive.writing(file, passphrase) as writer,
        tempfile.TemporaryDirectory(prefix=".dumps-", dir=file.parent) as folder,
    ):
        _write(places, writer, Path(folder))


def _write(places: Places, writer: Writer, folder: Path) -> None:
    if (heads := places.data / "audit" / "heads.jsonl").exists():
        # Before the database: what was published must be there when it is verified again
        writer.add(heads, "audit/heads.jsonl")
    console = servers.console_url(places.data)
    say("Reading the console's database")
    servers.dump(console, folder / "console")
    facts = _facts(console)
    writer.add(folder / "console", "databases/console")
    for path in sorted(places.secrets.glob("*")):
        if path.name in KEYS:
            writer.add(path, f"secrets/{path.name}")
    if (dotenv := CHECKOUT / ".env").exists():
        writer.add(dotenv, "environment/.env")
    deployments = _deployments(places)
    writer.add(places.data / "cluster" / "id", "cluster/id")
    say(f"Reading {len(deployments)} Deployments")
    for deployment in deployments:
        name = f"cluster/deployments/{deployment.name}"
        writer.add_tree(deployment, name, without=_NOT_OF_A_DEPLOYMENT)
    facts["airflows"] = _dump_airflows(servers.cluster_url(places.data), deployments, folder)
    for name in facts["airflows"]:
        writer.add(folder / name, f"databases/{name}")
    if (deploys := places.data / "deploys").is_dir():
        say("Reading the deploys")
        writer.add_tree(deploys, "deploys")
    writer.finish(facts)


def passphrase(file: Path | None) -> str:
    """What the file holds. Raises BackupError for an empty one."""
    if file is None:
        return ""
    found = file.read_text(encoding="utf-8").strip()
    if not found:
        raise BackupError(f"{file} holds no passphrase.", "Write one into it, on one line.")
    return found


def say(text: str) -> None:
    print(f"console: {text}", flush=True)


@contextmanager
def _server(places: Places) -> Iterator[None]:
    """The embedded server runs already under `up`; otherwise it does so meanwhile."""
    site = Site(places, "127.0.0.1", 0)
    if not site.brings_postgres or is_up(places.data):
        yield
        return
    places.make()
    needs_start = (places.data / "postgres").exists()
    with only_one(places), servers.running(places) if needs_start else nullcontext():
        yield


def _facts(console: str) -> dict[str, Any]:
    with psycopg.connect(console, connect_timeout=10) as connection:
        rows = connection.execute("SELECT app, name FROM django_migrations").fetchall()
        server = connection.info.server_version // 10_000
    env = Environment()
    return {
        "version": VERSION,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": server,
        "migrations": sorted(f"{app}.{name}" for app, name in rows),
        "keys_from_variables": sorted(name for name in KEYS.values() if env.text(name)),
        "variables": sorted(name for name in os.environ if name.startswith("ASTRO_UI_")),
    }


def _deployments(places: Places) -> list[Path]:
    """The folders of Deployments that the agent keeps."""
    root = places.data / "cluster" / "deployments"
    return sorted(path.parent for path in root.glob("*/agent.json"))


def _dump_airflows(url: str, deployments: list[Path], folder: Path) -> list[str]:
    """Dump each Deployment's database that there is; answer their names."""
    if not deployments:
        return []
    present = servers.databases(url)
    names = [name for each in deployments if (name := f"airflow_{each.name}") in present]
    with ThreadPoolExecutor(_AT_ONCE) as several:
        asked = [
            several.submit(servers.dump, make_conninfo(url, dbname=name), folder / name)
            for name in names
        ]
        for each in asked:
            each.result()
    return names
