"""Metadata databases: one role and one database for each Deployment, cloned from a template."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from secrets import token_urlsafe
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ..base import ProvisionerError

TEMPLATE_OWNER = "astro_ui_template"
REMEDY = "See that the PostgreSQL server of this cluster runs and has room, then try again."


class Databases:
    """The administrator's view of the PostgreSQL server of this cluster."""

    def __init__(self, admin_url: str, *, owner: str = "") -> None:
        """`owner` marks the databases of one cluster: the server may hold those of others."""
        self._admin_url = admin_url
        self._mark = f"Made by Astro UI, cluster {owner}"

    def has(self, name: str) -> bool:
        with self._connect() as connection:
            return _has_database(connection, name)

    def make_template(self, name: str, migrate: Callable[[str], None]) -> None:
        """Let `migrate` fill an empty database, then freeze it under `name`.

        `migrate` gets the address of a database whose objects a role without rights owns.
        """
        draft = f"{name}_draft"
        password = token_urlsafe(24)
        with self._connect() as connection:
            _ensure_role(connection, TEMPLATE_OWNER, password)
            _drop(connection, draft)
            _run(connection, "CREATE DATABASE {} TEMPLATE template0", draft)
            _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", draft)
            _run(connection, "GRANT CONNECT, CREATE ON DATABASE {} TO {}", draft, TEMPLATE_OWNER)
        with self._connect(draft) as connection:
            _run(connection, "GRANT ALL ON SCHEMA public TO {}", TEMPLATE_OWNER)
        migrate(self._url(draft, TEMPLATE_OWNER, password))
        with self._connect() as connection:
            _run(connection, "ALTER ROLE {} NOLOGIN", TEMPLATE_OWNER)
            _run(connection, "ALTER DATABASE {} ALLOW_CONNECTIONS false", draft)
            _run(connection, "ALTER DATABASE {} RENAME TO {}", draft, name)

    def create(self, name: str, *, template: str, password: str) -> None:
        """Make role and database `name`; what a killed call left is completed."""
        with self._connect() as connection:
            _ensure_role(connection, name, password)
            if not _has_database(connection, name):
                _run(connection, "CREATE DATABASE {} TEMPLATE {}", name, template)
            _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
            _mark(connection, name, self._mark)
        with self._connect(name) as connection:
            # While the administrator owns the database, only what is inside it changes hands.
            _run(connection, "REASSIGN OWNED BY {} TO {}", TEMPLATE_OWNER, name)
            _run(connection, "REVOKE ALL ON SCHEMA public FROM PUBLIC, {}", TEMPLATE_OWNER)
            _run(connection, "GRANT ALL ON SCHEMA public TO {}", name)
            _run(connection, "ALTER DATABASE {} OWNER TO {}", name, name)

    def ours(self) -> set[str]:
        """The Deployments' databases that carry this cluster's mark."""
        query = "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = %s"
        with self._connect() as connection:
            return {name for (name,) in connection.execute(query, [self._mark])}

    def drop(self, name: str) -> None:
        """Remove database and role; already gone is success."""
        with self._connect() as connection:
            _drop(connection, name)
            _run(connection, "DROP ROLE IF EXISTS {}", name)

    def connect(self, name: str) -> closing[psycopg.Connection]:
        """Look into a Deployment's database as the administrator; commits each statement."""
        return closing(self._connect(name))

    def url(self, name: str, password: str) -> str:
        """The address for the Deployment itself."""
        return self._url(name, name, password)

    def _url(self, database: str, user: str, password: str) -> str:
        parts = urlsplit(self._admin_url)
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"
        return urlunsplit(("postgresql", netloc, f"/{database}", parts.query, ""))

    def _connect(self, database: str = "") -> psycopg.Connection:
        conninfo = make_conninfo(self._admin_url, **({"dbname": database} if database else {}))
        try:
            return psycopg.connect(conninfo, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            raise ProvisionerError(
                f"The cluster's PostgreSQL server does not answer: {error}".strip(), remedy=REMEDY
            ) from error


def _run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    identifiers = [sql.Identifier(name) for name in names]
    try:
        connection.execute(sql.SQL(statement).format(*identifiers))
    except psycopg.Error as error:
        raise ProvisionerError(f"PostgreSQL refused: {error}".strip(), remedy=REMEDY) from error


def _mark(connection: psycopg.Connection, name: str, text: str) -> None:
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Literal(text)))


def _ensure_role(connection: psycopg.Connection, name: str, password: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb = "ALTER" if found else "CREATE"
    # The statement allows no parameters; the client quotes the password, and the log is spared it.
    statement = sql.SQL(f"{verb} ROLE {{}} LOGIN PASSWORD {{}}")
    connection.execute(statement.format(sql.Identifier(name), sql.Literal(password)))


def _has_database(connection: psycopg.Connection, name: str) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    return connection.execute(query, [name]).fetchone() is not None


def _drop(connection: psycopg.Connection, name: str) -> None:
    _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
