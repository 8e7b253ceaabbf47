"""One role and one database for each Deployment, and no way from one to another."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from deployments.provisioners.base import ProvisionerError
from deployments.provisioners.local import airflow_parsing
from deployments.provisioners.local import databases as module
from deployments.provisioners.local.databases import Databases, visit

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


_TRAP = """
CREATE FUNCTION spring() RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN EXECUTE 'CREATE ROLE sprung'; RETURN 'v1'; END $$;
CREATE VIEW dag_run AS SELECT spring() AS bundle_version, 'queued'::text AS state;
"""


def test_a_trap_in_a_table_that_the_agent_reads_has_no_more_rights_than_who_set_it(
    cluster_database: str, one: str
) -> None:
    with psycopg.connect(one) as connection:
        connection.execute(_TRAP)

    with pytest.raises(ProvisionerError, match="permission denied to create role"), visit(one) as v:
        airflow_parsing.deploys_in_use(v, major=3)

    # It would have sprung for the administrator
    with psycopg.connect(cluster_database, dbname="airflow_one") as administrator:
        assert airflow_parsing.deploys_in_use(administrator, major=3) == {"v1"}
        administrator.rollback()


def test_an_endless_answer_ends(one: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VISIT_SECONDS", 1)

    with pytest.raises(ProvisionerError, match="statement timeout"), visit(one) as connection:
        connection.execute("SELECT pg_sleep(60)")


def test_one_deployment_cannot_take_every_connection(cluster_database: str, one: str) -> None:
    with psycopg.connect(cluster_database) as connection:
        query = "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'airflow_one'"
        assert connection.execute(query).fetchone() == (100,)


def test_a_new_database_is_closed_until_it_is_nobodys_but_its_own(
    cluster_database: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    query = "SELECT datallowconn FROM pg_database WHERE datname = 'airflow_new'"
    with monkeypatch.context() as patch:
        patch.setattr(module, "_open", killed)
        with pytest.raises(KeyboardInterrupt):
            databases.create("airflow_new", template=TEMPLATE, password="p")
    with psycopg.connect(cluster_database) as connection:
        assert connection.execute(query).fetchone() == (False,)

    databases.create("airflow_new", template=TEMPLATE, password="p")

    with psycopg.connect(databases.url("airflow_new", "p")) as connection:
        assert connection.execute("SELECT id FROM job").fetchall() == [(7,)]
    databases.drop("airflow_new")


def test_databases_that_every_deployment_may_enter_are_named(
    databases: Databases, one: str
) -> None:
    found = databases.open_to_all()

    assert {"postgres", "template1"} <= set(found)
    assert "airflow_one" not in found


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


def test_a_demand_on_the_server_reaches_airflow_beside_the_address() -> None:
    admin = "postgresql://admin:x@127.0.0.1:1/postgres?require_auth=scram-sha-256&sslmode=disable"

    assert Databases(admin).url("one", "p") == "postgresql://one:p@127.0.0.1:1/one?sslmode=disable"
    assert module.client_environment(admin) == {"PGREQUIREAUTH": "scram-sha-256"}
    assert module.client_environment("postgresql://admin@127.0.0.1/postgres") == {}
