"""Is a deploy visible in Airflow? Only when each changed DAG file is there, or is an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from deployments import following
from deployments.models import Deploy, Deployment
from tests.airflow.server import FakeAirflow
from tests.deploys.conftest import Deployer

pytestmark = pytest.mark.django_db
DAG = b"from airflow.sdk import DAG\nDAG('x')\n"


@pytest.fixture
def standin(etl: Deployment) -> Iterator[FakeAirflow]:
    made = FakeAirflow()
    made.dags = []
    Deployment.objects.filter(pk=etl.pk).update(endpoint=made.endpoint)
    yield made
    made.close()


def activate(deploy: Deploy, *, ago: timedelta = timedelta()) -> None:
    Deployment.objects.filter(pk=deploy.deployment_id).update(active_deploy_id=deploy.pk)
    Deploy.objects.filter(pk=deploy.pk).update(active_at=timezone.now() - ago)


def show(standin: FakeAirflow, *dags: tuple[str, str]) -> None:
    standin.dags = [
        standin.dag(file) | {"relative_fileloc": file, "bundle_version": at} for file, at in dags
    ]


def followed(deploy: Deploy) -> Deploy:
    assert following.follow(deploy.pk) is None
    deploy.refresh_from_db()
    return deploy


def test_it_is_visible_when_each_changed_file_was_parsed_from_it(
    ship: Deployer, standin: FakeAirflow
) -> None:
    deploy = ship({"dags/a.py": DAG, "dags/b.py": DAG, "dags/helper.py": b"x = 1\n"})
    activate(deploy)
    show(standin, ("a.py", deploy.pk), ("b.py", "another"))
    assert following.follow(deploy.pk) == timedelta(milliseconds=300)
    show(standin, ("a.py", deploy.pk), ("b.py", deploy.pk))
    assert followed(deploy).visible_at is not None


def test_files_that_did_not_change_are_not_waited_for(ship: Deployer, standin: FakeAirflow) -> None:
    first = ship({"dags/a.py": DAG, "dags/b.py": DAG})
    second = ship({"dags/a.py": DAG + b"# new\n", "dags/b.py": DAG})
    activate(second)
    show(standin, ("a.py", second.pk), ("b.py", first.pk))
    assert followed(second).visible_at is not None


def test_an_import_error_counts_as_seen_and_is_kept_with_its_line(
    ship: Deployer, standin: FakeAirflow
) -> None:
    deploy = ship({"dags/a.py": b"from airflow import DAG\nDAG(\n"})
    activate(deploy)
    error: dict[str, Any] = {
        "filename": "a.py",
        "timestamp": timezone.now().isoformat(),
        "stack_trace": '  File "/x/current/dags/a.py", line 2\n    DAG(\nSyntaxError: never closed',
    }
    standin.errors = [error]
    (kept,) = followed(deploy).import_errors
    assert (kept["file"], kept["line"], kept["message"]) == ("a.py", 2, "SyntaxError: never closed")
    assert deploy.visible_at is not None


def test_an_old_error_of_a_changed_file_does_not_count(
    ship: Deployer, standin: FakeAirflow
) -> None:
    deploy = ship({"dags/a.py": DAG})
    activate(deploy)
    error = {"filename": "a.py", "timestamp": "2020-01-01T00:00:00Z", "stack_trace": "old"}
    standin.errors = [error]
    assert following.follow(deploy.pk) is not None


def test_at_the_deadline_it_names_what_was_not_seen(ship: Deployer, standin: FakeAirflow) -> None:
    deploy = ship({"dags/a.py": DAG, "dags/b.py": DAG})
    activate(deploy, ago=timedelta(minutes=3))
    show(standin, ("b.py", deploy.pk))
    assert followed(deploy).unseen_files == ["a.py"]
    assert deploy.visible_at is None
    assert deploy.followed_until is not None


def test_a_silent_airflow_is_asked_again_until_the_deadline(
    ship: Deployer, etl: Deployment
) -> None:
    deploy = ship({"dags/a.py": DAG})
    activate(deploy)
    assert following.follow(deploy.pk) is not None
    assert following.unfinished() == [deploy.pk]
    activate(deploy, ago=timedelta(minutes=3))
    assert followed(deploy).visible_at is None
    assert following.unfinished() == []


def test_a_newer_deploy_ends_the_looking(ship: Deployer, standin: FakeAirflow) -> None:
    first = ship({"dags/a.py": DAG})
    activate(first)
    activate(ship({"dags/a.py": DAG + b"#"}))
    assert followed(first).visible_at is None
