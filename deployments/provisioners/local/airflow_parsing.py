"""Has Airflow taken up a switched deploy? Asked of, and told to, its metadata database.

A file is parsed anew soon after the switch because of its time. A full parse under way can swallow
that: entries already queued keep the old path, finish later and count as current. A row in
`dag_priority_parsing_request` asks again. On Airflow 3 it is of use only once the dag-processor
has seen the new version, as the request takes the path that is current when it is read.
Source: Airflow 3.3 `DagFileProcessorManager`, Airflow 2.11 `DagFileProcessorManager`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import time

import psycopg

from runtime.configuration import BUNDLE_NAME

from .deploys import Change
from .settings import Place

FIRST_SIGHT_SECONDS = 10
"""A new file that shows neither a DAG nor an error by then holds none."""
_UNFINISHED = ["queued", "running"]
_MOST_ROWS = 50_000
"""The tables are the Deployment's own: what it has put there must not fill the agent's memory."""


def announce(connection: psycopg.Connection, change: Change, place: Place, *, major: int) -> None:
    """Ask for the changed files; on Airflow 2 let go of DAGs whose files are gone."""
    if major == 2:
        _announce_2(connection, change, place)
    elif _bundle_version(connection) == change.version:
        for file in change.changed:
            connection.execute(
                "INSERT INTO dag_priority_parsing_request (id, bundle_name, relative_fileloc)"
                " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [_key(f"{BUNDLE_NAME}:{file}"), BUNDLE_NAME, file],
            )


def unseen(
    connection: psycopg.Connection, change: Change, place: Place, *, major: int
) -> list[str]:
    """Files, relative to `dags/`, for which Airflow does not yet show what this deploy holds."""
    candidates = [file for file in change.changed if _may_hold_dag(place, change.version, file)]
    if not candidates and not change.removed:
        return []
    look = _files_2 if major == 2 else _files_3
    seen, stale = look(connection, change, place)
    is_early = time() - change.at < FIRST_SIGHT_SECONDS
    late = [file for file in candidates if file not in seen and (file in stale or is_early)]
    return [*late, *(file for file in change.removed if file in stale)]


def deploys_in_use(connection: psycopg.Connection, *, major: int) -> set[str]:
    """Versions that a run began with and has not finished; Airflow 2 pins none."""
    if major == 2:
        return set()
    rows = connection.execute(
        "SELECT DISTINCT bundle_version FROM dag_run WHERE state = ANY(%s) LIMIT %s",
        [_UNFINISHED, _MOST_ROWS],
    )
    return {version for (version,) in rows if version}


def _files_3(connection: psycopg.Connection, change: Change, _: Place) -> tuple[set[str], set[str]]:
    rows = connection.execute(
        "SELECT relative_fileloc, bundle_version FROM dag WHERE bundle_name = %s AND NOT is_stale"
        " LIMIT %s",
        [BUNDLE_NAME, _MOST_ROWS],
    ).fetchall()
    stale = {file for file, version in rows if version != change.version}
    fresh = {file for file, version in rows if version == change.version}
    return (fresh - stale) | _broken(connection, change), stale


def _files_2(
    connection: psycopg.Connection, change: Change, place: Place
) -> tuple[set[str], set[str]]:
    root = place.current / "dags"
    rows = connection.execute(
        "SELECT fileloc, last_parsed_time FROM dag"
        " WHERE is_active AND last_parsed_time IS NOT NULL LIMIT %s",
        [_MOST_ROWS],
    ).fetchall()
    moment = datetime.fromtimestamp(change.at, tz=UTC)
    names = [(_relative(file, root), parsed >= moment) for file, parsed in rows]
    stale = {file for file, is_fresh in names if not is_fresh}
    fresh = {file for file, is_fresh in names if is_fresh}
    broken = {_relative(file, root) for file in _broken(connection, change)}
    return (fresh - stale) | broken, stale


def _broken(connection: psycopg.Connection, change: Change) -> set[str]:
    rows = connection.execute(
        "SELECT filename FROM import_error WHERE timestamp >= %s LIMIT %s",
        [datetime.fromtimestamp(change.at, tz=UTC), _MOST_ROWS],
    )
    return {file for (file,) in rows if file}


def _announce_2(connection: psycopg.Connection, change: Change, place: Place) -> None:
    root = place.current / "dags"
    gone = [str(root / file) for file in change.removed]
    connection.execute("UPDATE dag SET is_active = false WHERE fileloc = ANY(%s)", [gone])
    connection.execute("DELETE FROM serialized_dag WHERE fileloc = ANY(%s)", [gone])
    connection.execute("DELETE FROM import_error WHERE filename = ANY(%s)", [gone])
    for file in _paths(change.changed, root):
        connection.execute(
            "INSERT INTO dag_priority_parsing_request (id, fileloc) VALUES (%s, %s)"
            " ON CONFLICT DO NOTHING",
            [_key(file), file],
        )


def _bundle_version(connection: psycopg.Connection) -> str | None:
    query = "SELECT version FROM dag_bundle WHERE name = %s"
    row = connection.execute(query, [BUNDLE_NAME]).fetchone()
    return row[0] if row else None


def _may_hold_dag(place: Place, version: str, file: str) -> bool:
    """Airflow's own rule of thumb: who mentions neither word is skipped without an error."""
    content = (place.deploys / version / "dags" / file).read_bytes().lower()
    return b"dag" in content and b"airflow" in content


def _paths(files: Iterable[str], root: Path) -> list[str]:
    return [str(root / file) for file in files]


def _relative(file: str, root: Path) -> str:
    return file.removeprefix(f"{root}/")


def _key(text: str) -> str:
    """The table's own key: an MD5 of what is asked for, so that asking twice is one row."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
