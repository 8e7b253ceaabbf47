"""The health page: every part, its remedy, and the work that is stuck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from deployments import tasks
from deployments.models import Deployment, Operation
from installation import health
from tests.installation.asking import queries_of
from web import heartbeats
from web.finding import Finding, Verdict, ok

PARTS = (
    "PostgreSQL", "Redis", "Local agent", "Mail", "Disk", "Data directory", "Packages", "Runtimes",
    "Isolation", "Migrations", "Worker", "Beat", "Work in the queue", "Door to the Airflows",
    "Orphans",
)  # fmt: skip


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No process has ever spoken, and nothing but our own parts is asked."""
    cache.delete_many([f"heartbeat:{part}" for part in heartbeats.PARTS])
    monkeypatch.setattr(health, "_sources", [])
    yield
    cache.delete_many([f"heartbeat:{part}" for part in heartbeats.PARTS])


def found(name: str) -> Finding:
    return next(each for each in health.findings() if each.check == name)


def running(deployment: Deployment, **fields: object) -> Operation:
    values = {"kind": "WAKE", "generation": 1, "started_by_kind": "USER", **fields}
    values |= {"organization_id": deployment.organization_id}
    values.setdefault("deadline", timezone.now() + timedelta(minutes=5))
    return Operation.objects.create(deployment=deployment, **values)


def test_every_part_is_listed_and_every_fault_has_its_remedy(db: None) -> None:
    seen = health.findings()

    assert {each.check for each in seen} == set(PARTS)
    assert all(each.remedy for each in seen if each.verdict is not Verdict.OK)
    verdicts = [each.verdict for each in seen]
    assert verdicts == sorted(verdicts, key=["problem", "warning", "ok"].index), "worst first"


def test_a_process_that_never_spoke_is_a_problem_with_its_log(db: None, silent: None) -> None:
    worker = found("Worker")

    assert (worker.verdict, worker.detail) == (Verdict.PROBLEM, "never gave a sign of life")
    assert worker.remedy.endswith("logs/worker.log.")


def test_a_sign_of_life_counts_for_half_a_minute(
    db: None, silent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeats.note("beat")
    assert found("Beat").verdict is Verdict.OK

    later = timezone.now().timestamp() + 31
    monkeypatch.setattr("time.time", lambda: later)
    assert (found("Beat").verdict, found("Beat").detail) == (
        Verdict.PROBLEM, "last sign of life 31 s ago",
    )  # fmt: skip


def test_work_that_comes_through_the_queue_is_its_sign_of_life(db: None, silent: None) -> None:
    tasks.sweep()

    assert found("Work in the queue").verdict is Verdict.OK


def test_a_check_that_breaks_hides_no_other(
    db: None, silent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Iterator[Finding]:
        raise RuntimeError("no such device")

    monkeypatch.setattr(health, "_sources", [broken, lambda: [ok("Disk", "large")]])

    assert found("Disk").verdict is Verdict.OK
    assert "no such device" in found("A check").detail


def test_the_page_shows_parts_versions_disk_and_queues(
    client: Client, opal: User, silent: None
) -> None:
    client.force_login(opal)

    page = client.get(reverse("installation:health")).content.decode()

    for words in (
        "never gave a sign of life",
        "PostgreSQL",
        "Astro UI",
        "Messages waiting",
        "Free",
    ):
        assert words in page


def test_operations_of_all_organizations_are_listed_stuck_first(
    client: Client, opal: User, etl: Deployment, secret_lab: Deployment
) -> None:
    running(etl)
    running(secret_lab, deadline=timezone.now() - timedelta(seconds=1))
    client.force_login(opal)

    page = client.get(reverse("installation:operations")).content.decode()

    assert page.index("Wake secret-lab") < page.index("Wake prod-etl")
    assert page.count("Stuck</span>") == 1


def test_a_lease_whose_holder_is_gone_is_stuck(etl: Deployment, opal: User) -> None:
    from installation import queries
    from tests.factories import actor

    running(etl)
    assert not queries.running_operations(actor(opal)).filter(queries.stuck()).exists()
    past = timezone.now() - timedelta(seconds=1)
    Deployment.objects.filter(pk=etl.pk).update(is_settled=False, lease_until=past)

    assert queries.running_operations(actor(opal)).filter(queries.stuck()).exists()


def test_twenty_operations_ask_no_more_than_two(
    client: Client, opal: User, etl: Deployment
) -> None:
    client.force_login(opal)

    def asked(count: int) -> int:
        for _ in range(count):
            running(etl)
        return queries_of(client, reverse("installation:operations"))

    assert asked(2) == asked(18)
