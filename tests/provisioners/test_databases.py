"""One role and one database for each Deployment, and no way from one to another."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from deployments.provisioners.base import ProvisionerError
from deployments.provisioners.local.databases import Databases

TEMPLATE = "template_test"


def migrate(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE job (id int)")
        connection.execute("INSERT INTO job VALUES (7)")


@pytest.fixture(scope="module")
def databases(cluster_database: str) -> Databases:
    databases = Databases(cluster_database)
    databases.make_template(TEMPLATE, migrate)
    return databases


@pytest.fixture
def one(databases: Databases) -> Iterator[str]:
    databases.create("airflow_one", template=TEMPLATE, password="p%/@ 1")
    yield databases.url("airflow_one", "p%/@ 1")
    databases.drop("airflow_one")


def test_a_clone_belongs_to_its_deployment(one: str) -> None:
    with psycopg.connect(one) as connection:
        assert connection.execute("SELECT id FROM job").fetchall() == [(7,)]
        connection.execute("ALTER TABLE job ADD COLUMN note text")
        connection.execute("CREATE TABLE mine (id int)")


def test_creating_twice_keeps_the_data(databases: Databases, one: str) -> None:
    with psycopg.connect(one) as connection:
        connection.execute("INSERT INTO job VALUES (8)")

    databases.create("airflow_one", template=TEMPLATE, password="p%/@ 1")

    with psycopg.connect(one) as connection:
        assert connection.execute("SELECT count(*) FROM job").fetchone() == (2,)


def test_nobody_connects_to_the_database_of_another(databases: Databases, one: str) -> None:
    databases.create("airflow_two", template=TEMPLATE, password="p2")
    try:
        foreign = f"{one.removesuffix('airflow_one')}airflow_two"
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(foreign).close()
    finally:
        databases.drop("airflow_two")


def test_nobody_changes_the_template(one: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(one.removesuffix("airflow_one") + TEMPLATE).close()


def test_dropping_what_is_gone_is_success(databases: Databases) -> None:
    databases.drop("airflow_never")


def test_a_template_whose_migration_failed_is_made_anew(databases: Databases) -> None:
    def fail(url: str) -> None:
        raise ProvisionerError("no")

    with pytest.raises(ProvisionerError):
        databases.make_template("template_late", fail)
    assert not databases.has("template_late")

    databases.make_template("template_late", migrate)

    assert databases.has("template_late")


def test_a_silent_server_is_a_readable_failure() -> None:
    with pytest.raises(ProvisionerError) as refusal:
        Databases("postgresql://admin@127.0.0.1:1/postgres").has("x")

    assert refusal.value.remedy
    assert not refusal.value.permanent
