"""Metadata databases: one role and one database for each Deployment, cloned from a template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ..base import ProvisionerError

TEMPLATE_OWNER = "astro_ui_template"
ROLE_CONNECTIONS = 100
"""Most connections of one Deployment; a busy Celery one holds about 40."""
VISIT_SECONDS = 10
REQUIRE_AUTH = "require_auth"
"""How a server must ask for the password. Not every driver of Airflow takes it in an address."""
REMEDY = "See that the PostgreSQL server of this cluster runs and has room, then try again."


class Databases:
    """The administrator's view of the PostgreSQL server of this cluster."""

    def __init__(self, admin_url: str, *, owner: str = "") -> None:
        """`owner` marks the databases of one cluster: the server may hold those of others."""
        self._admin_url = admin_url
        self._mark = f"Made by Astro UI, cluster {owner}"

    def answers(self) -> bool:
        """Does the server take a connection within 5 s?"""
        try:
            self._connect().close()
        except ProvisionerError:
            return False
        return True

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
            _create_closed(connection, draft, template="template0")
            _open(connection, draft)
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
                _create_closed(connection, name, template=template)
            _open(connection, name)
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

    def create_empty(self, name: str, *, password: str) -> None:
        """Make role and database `name` for a dump to be filled in by that role.

        Raises ProvisionerError where there is such a database: it is somebody's.
        """
        with self._connect() as connection:
            if _has_database(connection, name):
                raise ProvisionerError(
                    f"There is a database {name} on the cluster's server already.",
                    remedy="Name a server without it in ASTRO_UI_CLUSTER_DATABASE_URL.",
                )
            _ensure_role(connection, name, password)
            _run(connection, "CREATE DATABASE {} TEMPLATE template0", name)
            _run(connection, "ALTER DATABASE {} OWNER TO {}", name, name)
            _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
            _mark(connection, name, self._mark)
        with self._connect(name) as connection:
            _run(connection, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
            _run(connection, "GRANT ALL ON SCHEMA public TO {}", name)

    def drop(self, name: str) -> None:
        """Remove database and role; already gone is success."""
        with self._connect() as connection:
            _drop(connection, name)
            _run(connection, "DROP ROLE IF EXISTS {}", name)

    def open_to_all(self) -> list[str]:
        """Databases of this server that every role, and so every Deployment, may connect to."""
        with self._connect() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database,"
                " aclexplode(coalesce(datacl, acldefault('d', datdba)))"
                " WHERE datallowconn AND grantee = 0 AND privilege_type = 'CONNECT' ORDER BY 1"
            )
            return [name for (name,) in rows]

    def url(self, name: str, password: str) -> str:
        """The address for the Deployment itself."""
        return self._url(name, name, password)

    def _url(self, database: str, user: str, password: str) -> str:
        parts = urlsplit(self._admin_url)
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"
        kept = [pair for pair in parse_qsl(parts.query) if pair[0] != REQUIRE_AUTH]
        return urlunsplit(("postgresql", netloc, f"/{database}", urlencode(kept), ""))

    def _connect(self, database: str = "") -> psycopg.Connection:
        conninfo = make_conninfo(self._admin_url, **({"dbname": database} if database else {}))
        try:
            return psycopg.connect(conninfo, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            raise ProvisionerError(
                f"The cluster's PostgreSQL server does not answer: {error}".strip(), remedy=REMEDY
            ) from error


@contextmanager
def visit(url: str) -> Iterator[psycopg.Connection]:
    """Look into a Deployment's database, as its own role; commits each statement.

    Never as the administrator: its owner may have put a view or a trigger where a table is
    expected, and that would run with our rights. A statement ends within 10 s.
    Raises ProvisionerError for whatever PostgreSQL refuses.
    """
    limits = f"-c statement_timeout={VISIT_SECONDS}s"
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5, options=limits) as connection:
            yield connection
    except psycopg.Error as error:
        raise ProvisionerError(
            f"The Deployment's own database does not answer: {error}".strip()[:500], remedy=REMEDY
        ) from error


def client_environment(admin_url: str) -> dict[str, str]:
    """What an Airflow's drivers must be told besides the address."""
    wanted = dict(parse_qsl(urlsplit(admin_url).query)).get(REQUIRE_AUTH)
    return {"PGREQUIREAUTH": wanted} if wanted else {}


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
    statement = sql.SQL(f"{verb} ROLE {{}} LOGIN PASSWORD {{}} CONNECTION LIMIT {{}}")
    values = sql.Identifier(name), sql.Literal(password), sql.Literal(ROLE_CONNECTIONS)
    connection.execute(statement.format(*values))


def _create_closed(connection: psycopg.Connection, name: str, *, template: str) -> None:
    """A new database is open to every role, so nobody may connect before `_open`."""
    statement = "CREATE DATABASE {} TEMPLATE {} ALLOW_CONNECTIONS false"
    _run(connection, statement, name, template)


def _open(connection: psycopg.Connection, name: str) -> None:
    """Let in who is granted it, and nobody else."""
    _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
    _run(connection, "ALTER DATABASE {} ALLOW_CONNECTIONS true", name)


def _has_database(connection: psycopg.Connection, name: str) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    return connection.execute(query, [name]).fetchone() is not None


def _drop(connection: psycopg.Connection, name: str) -> None:
    _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
