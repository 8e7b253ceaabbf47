"""The PostgreSQL servers of a site, and the programs that dump and fill their databases."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import psycopg
from psycopg.conninfo import conninfo_to_dict

from astro_ui.backup.failure import BackupError
from astro_ui.embedded import Places, cluster_database_url, database_url, postgres
from astro_ui.environment import Environment

_PATIENCE_S = 120.0
_VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    "require_auth": "PGREQUIREAUTH",
}  # fmt: skip


def console_url(data: Path) -> str:
    return Environment().text("DATABASE_URL") or database_url(data)


def cluster_url(data: Path) -> str:
    """An administrator's address of the server with the Airflows' databases."""
    return Environment().text("ASTRO_UI_CLUSTER_DATABASE_URL") or cluster_database_url(data)


@contextmanager
def running(places: Places, *, extra: Mapping[str, str] | None = None) -> Iterator[None]:
    """The embedded server, for as long as this lasts; it ends in order."""
    postgres.prepare(places)
    log = places.logs / "postgres.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            postgres.command(places, extra=dict(extra or {})),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = monotonic() + _PATIENCE_S
        while not postgres.is_ready(places):
            if server.poll() is not None or monotonic() > deadline:
                raise BackupError("The embedded PostgreSQL does not start.", f"Read {log}.")
            sleep(0.05)
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(_PATIENCE_S)


def dump(url: str, target: Path) -> None:
    """One database, as it is at this moment. Raises BackupError."""
    argv = ["--format=custom", "--compress=1", "--no-owner", "--no-acl", f"--file={target}"]
    _run("pg_dump", argv, url)


def fill(url: str, source: Path) -> None:
    """Fill an empty database from a dump, whole or not at all. Raises BackupError."""
    name = conninfo_to_dict(url)["dbname"]
    argv = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-acl"]
    _run("pg_restore", [*argv, f"--dbname={name}", str(source)], url)


def databases(url: str) -> set[str]:
    with psycopg.connect(url, connect_timeout=10) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def has_tables(url: str) -> bool:
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1"
        ).fetchone()
    return found is not None


def _run(program: str, argv: list[str], url: str) -> None:
    """The address travels by the environment: arguments are seen by everybody."""
    known = conninfo_to_dict(url)
    secrets = {name: str(known[key]) for key, name in _VARIABLES.items() if known.get(key)}
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [str(postgres.binary(program)), *argv],
        env={"PATH": os.defpath, **kept, **secrets},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()][-3:]
        raise BackupError(
            f"{program} failed on {secrets.get('PGDATABASE')}: {' '.join(said)[:600]}",
            "See that the PostgreSQL server runs, has room and is not newer than 18.",
        )
