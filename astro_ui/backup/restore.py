"""`./console restore FILE`: a backup into a machine where there is nothing yet."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from astro_ui.backup import archive, servers
from astro_ui.backup.failure import BackupError
from astro_ui.backup.make import KEYS, asked, passphrase, say
from astro_ui.embedded import Places, postgres
from astro_ui.embedded.places import write_private
from astro_ui.environment import Environment
from astro_ui.up.site import CHECKOUT, Site, data_directory
from astro_ui.version import VERSION
from deployments.provisioners.base import ProvisionerError
from deployments.provisioners.local.databases import Databases

_AT_ONCE = 4
_QUICK = {
    # Nobody else is in this server, and a restore that was cut off is thrown away as a whole: it
    # is brought to the disk once, before it takes its place
    "fsync": "off",
    "autovacuum": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "128MB",
}

_OF_THE_OLD_MACHINE = {
    "tree": None, "started_with": "", "started_at": None, "uid": 0, "is_isolated": False,
}  # fmt: skip
"""What a Deployment's record says of its processes and its user: those are not here."""


def main(arguments: list[str]) -> int:
    """Restore, or leave everything as it was; 0 when it is done."""
    options = asked("restore", str(__doc__), arguments)
    try:
        facts = restore(options.file, Places(data_directory()), passphrase(options.passphrase_file))
    except (BackupError, ProvisionerError, psycopg.Error, RuntimeError, OSError) as error:
        print(f"\nNothing was restored. {error}", file=sys.stderr)
        return 1
    say(f"Restored what was backed up at {facts['made_at']} by version {facts['version']}.")
    say("Start it with ./console up: what was awake then wakes.")
    return 0


def restore(file: Path, places: Places, passphrase: str = "") -> dict[str, Any]:
    """Restore into `places`, which must be empty; answers what the backup says of itself.

    All of it is put together beside the data directory and takes its place in one step, so a
    restore that fails, or is killed, leaves nothing behind there. Raises BackupError.
    """
    _require_empty(places.data)
    places.data.parent.mkdir(parents=True, exist_ok=True)
    draft = places.data.with_name(f".{places.data.name}.restoring-{os.getpid()}")
    try:
        with _private(draft):
            say("Reading the backup")
            facts = archive.unpack(file, draft, passphrase)
            _require_readable(facts)
            _require_keys(facts, draft)
            _fill_databases(Places(draft), facts)
            _settle(draft)
            os.sync()
            draft.rename(places.data)
    finally:
        for folder in (draft, Places(draft).sockets):
            shutil.rmtree(folder, ignore_errors=True)
    return facts


def _require_empty(data: Path) -> None:
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise BackupError(
            f"{data} is not empty, and a restore replaces nothing.",
            "Move it away, or name an empty place with --data.",
        )
    if data.is_mount():
        raise BackupError(
            f"{data} is a mount of its own, which cannot be put in place in one step.",
            f"Restore into a folder of it: --data {data / 'data'}",
        )


@contextmanager
def _private(draft: Path) -> Iterator[None]:
    """Nobody else looks into it while it is put together."""
    draft.mkdir(mode=0o700)
    yield


def _require_readable(facts: dict[str, Any]) -> None:
    """Raise BackupError for a backup of a newer console: its tables are not known here."""
    unknown = [name for name in facts["migrations"] if not _is_known(name)]
    if unknown:
        raise BackupError(
            f"The backup was made by a newer console ({facts['version']}; this is {VERSION}): "
            f"{unknown[0]} is unknown here.",
            "Check out that version, or a later one, and restore with it.",
        )


def _is_known(migration: str) -> bool:
    """Of other packages' migrations nothing is said: `up` brings those up to date."""
    app, _, name = migration.partition(".")
    folder = CHECKOUT / app / "migrations"
    return not folder.is_dir() or (folder / f"{name}.py").exists()


def _require_keys(facts: dict[str, Any], draft: Path) -> None:
    """Raise BackupError where keys were variables and are not set here: secrets would stay shut."""
    env = Environment()
    absent = [name for name in facts["keys_from_variables"] if not env.text(name)]
    if absent:
        raise BackupError(
            f"The backup holds no {', '.join(absent)}: those were variables of the machine.",
            "Set the same values here, then restore.",
        )
    given = [name for name in KEYS.values() if env.text(name)]
    other = sorted(set(given) - set(facts["keys_from_variables"]))
    if other:
        raise BackupError(
            f"{', '.join(other)} would take the place of the keys in the backup.",
            "Remove that from the environment, then restore.",
        )


def _fill_databases(places: Places, facts: dict[str, Any]) -> None:
    """Fill the console's and every Airflow's database, on the embedded server or on named ones."""
    places.secrets.mkdir(exist_ok=True)
    places.secrets.chmod(0o700)
    if not Site(places, "127.0.0.1", 0).brings_postgres:
        _fill(places, facts)
        return
    places.make()
    with servers.running(places, extra=_QUICK):
        postgres.create_console_database(places)
        _fill(places, facts)


def _fill(places: Places, facts: dict[str, Any]) -> None:
    console = servers.console_url(places.data)
    if servers.has_tables(console):
        raise BackupError(
            "The database of DATABASE_URL is not empty, and a restore replaces nothing.",
            "Name an empty one.",
        )
    identity = places.data / "cluster" / "id"
    owner = identity.read_text(encoding="utf-8") if identity.exists() else ""
    server = Databases(servers.cluster_url(places.data), owner=owner)
    made: list[str] = []
    try:
        say(f"Filling {len(facts['airflows'])} Airflow databases")
        _fill_airflows(server, places, facts["airflows"], made)
        say("Filling the console's database")
        servers.fill(console, places.data / "databases" / "console")
    except BaseException:
        # On a server that outlives this, nothing of ours is left behind
        for name in made:
            with suppress(ProvisionerError):
                server.drop(name)
        raise


def _fill_airflows(server: Databases, places: Places, names: list[str], made: list[str]) -> None:
    def one(name: str) -> None:
        record = _record(places.data, name.removeprefix("airflow_"))
        password = json.loads(record.read_text())["secrets"]["database_password"]
        server.create_empty(name, password=password)
        made.append(name)
        servers.fill(server.url(name, password), places.data / "databases" / name)

    with ThreadPoolExecutor(_AT_ONCE) as several:
        for done in [several.submit(one, name) for name in names]:
            done.result()


def _settle(draft: Path) -> None:
    """What belonged to the old machine is left out; what it brought along is laid in place."""
    for record in draft.glob("cluster/deployments/*/agent.json"):
        known = json.loads(record.read_text(encoding="utf-8"))
        write_private(record, json.dumps(known | _OF_THE_OLD_MACHINE))
    dotenv = draft / "environment" / ".env"
    if dotenv.exists():
        dotenv.rename(draft / "restored.env")
        say("The settings of the old machine are in restored.env: look at them, then use them.")
    for name in ("databases", "environment"):
        shutil.rmtree(draft / name, ignore_errors=True)
    for passable in (draft, draft / "cluster", draft / "cluster" / "deployments"):
        if passable.exists():
            passable.chmod(0o711)


def _record(data: Path, deployment_id: str) -> Path:
    return data / "cluster" / "deployments" / deployment_id / "agent.json"
