"""Restore of 100 Deployments: a console's database, and 100 as large as fresh Airflows'."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import psycopg

from astro_ui.backup import servers
from astro_ui.backup.make import backup
from astro_ui.backup.restore import restore
from astro_ui.bench.metric import Metric
from astro_ui.embedded import Places, cluster_database_url, database_url, postgres
from astro_ui.up.site import CHECKOUT
from deployments.provisioners.local.databases import Databases

DEPLOYMENTS = 100
LIMIT_S = 60
TABLES, INDEXES_EACH, ROWS_EACH = 61, 2, 20
"""Airflow 3.3 has 61 tables and about 130 indexes beside the keys."""
FILES_OF_A_DEPLOY = 20
_OUTER = ("DATABASE_URL", "REDIS_URL", "ASTRO_UI_CLUSTER_DATABASE_URL")


def run(count: int = DEPLOYMENTS) -> list[Metric]:
    """Make them, back them up, restore them; needs no console and no Airflow."""
    folder = Path(tempfile.mkdtemp(prefix="astro-ui-bench-"))
    folder.chmod(0o711)
    try:
        with _servers_of_its_own(), redirect_stdout(sys.stderr):
            old, new = Places(folder / "old"), Places(folder / "new")
            _make(old, count)
            file = folder / "backup"
            backed_up = _seconds(lambda: backup(old, file))
            restored = _seconds(lambda: restore(file, new))
            _check(new, count)
        megabytes = file.stat().st_size / 1024**2
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Metric(f"restore of {count} Deployments", restored, "s", limit=LIMIT_S),
        Metric(f"backup of the same ({megabytes:.0f} MiB)", backed_up, "s"),
    ]


@contextmanager
def _servers_of_its_own() -> Iterator[None]:
    """Named servers would be filled instead of the embedded one."""
    outer = {name: os.environ.pop(name) for name in _OUTER if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(outer)


def _make(places: Places, count: int) -> None:
    places.make()
    with servers.running(places, extra={"fsync": "off"}):
        postgres.create_console_database(places)
        for command in (["migrate", "--verbosity", "0"], ["demo", "--deployments", str(count)]):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=CHECKOUT,
                env=os.environ | {"ASTRO_UI_DATA": str(places.data)},
                stdout=sys.stderr,
                check=True,
            )
        with psycopg.connect(database_url(places.data)) as connection:
            ids = [row[0] for row in connection.execute("SELECT id FROM deployments_deployment")]
        _make_databases(cluster_database_url(places.data), ids)
    for deployment_id in ids:
        _make_files(places.data, deployment_id)


def _make_databases(url: str, ids: list[str]) -> None:
    """One that is filled, and copies of it."""
    server = Databases(url)
    server.create_empty("model", password="model")  # noqa: S106
    with psycopg.connect(server.url("model", "model")) as connection:
        for number in range(TABLES):
            connection.execute(_table(number))
    with psycopg.connect(url, autocommit=True) as connection:
        for each in ids:
            connection.execute(f"CREATE ROLE airflow_{each} LOGIN PASSWORD '{each}'".encode())
            connection.execute(
                f"CREATE DATABASE airflow_{each} TEMPLATE model STRATEGY file_copy".encode()
            )


def _table(number: int) -> bytes:
    refers = f"REFERENCES t{number - 1}" if number else ""
    columns = ", ".join(f"c{each} varchar(250)" for each in range(10))
    made = f"CREATE TABLE t{number} (id serial PRIMARY KEY, parent int {refers}, {columns});"
    for each in range(INDEXES_EACH):
        made += f"CREATE INDEX t{number}_{each} ON t{number} (c{each}, c{each + 1});"
    filled = f"SELECT 'value ' || n, 'other ' || n FROM generate_series(1, {ROWS_EACH}) n"  # noqa: S608
    return f"{made} INSERT INTO t{number} (c0, c1) {filled};".encode()


def _make_files(data: Path, deployment_id: str) -> None:
    home = data / "cluster" / "deployments" / deployment_id
    (home / "home" / "logs").mkdir(parents=True)
    (home / "home" / "logs" / "task.log").write_text("printed by a task\n" * 500)
    secrets = {"database_password": deployment_id}
    (home / "agent.json").write_text(json.dumps({"secrets": secrets, "goal": "running"}))
    dags = data / "deploys" / deployment_id / "version" / "dags"
    dags.mkdir(parents=True)
    for number in range(FILES_OF_A_DEPLOY):
        (dags / f"dag_{number}.py").write_text("from airflow.sdk import dag\n" * 50)


def _seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _check(places: Places, count: int) -> None:
    """A restore that lost something would be quick."""
    with servers.running(places):
        with psycopg.connect(database_url(places.data)) as connection:
            row = connection.execute("SELECT count(*) FROM deployments_deployment").fetchone()
        present = servers.databases(cluster_database_url(places.data))
    airflows = sum(name.startswith("airflow_") for name in present)
    if (row, airflows) != ((count,), count):
        raise RuntimeError(f"{row} Deployments and {airflows} databases came back")
