"""A load balancer learns whether this process can work, and nothing else."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from web import readiness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_fresh_process() -> None:
    readiness.check_migrations.cache_clear()


def test_with_all_parts_it_is_ready(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-store" in answer["Cache-Control"]


def test_without_redis_it_is_not(client: Client, settings: Settings) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1"}}

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"Redis does not answer")


def test_without_its_database_it_is_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused: password=canary")

    monkeypatch.setattr(connection, "cursor", refuse)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"PostgreSQL does not answer")


def test_with_a_migration_to_come_it_is_not(client: Client) -> None:
    newest = MigrationLoader(connection).graph.leaf_nodes("audit")[0]
    MigrationRecorder(connection).record_unapplied(*newest)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"The database is not up to date")

    MigrationRecorder(connection).record_applied(*newest)
    assert client.get("/readyz").content == b"ok"


def test_being_asked_often_costs_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/readyz")

    with django_assert_num_queries(1):
        client.get("/readyz")
