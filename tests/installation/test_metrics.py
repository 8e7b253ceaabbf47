"""`/metrics`: for who has the token, about everything, and naming no tenant."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from accounts.models import User
from deployments import services
from deployments.models import Deployment
from tests.deployments.driving import settle
from tests.factories import actor
from web import heartbeats

TOKEN = "scrape-me"
Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture(autouse=True)
def guarded(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(client: Client) -> Samples:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return parsed(answer.content.decode())


def parsed(text: str) -> Samples:
    return {
        (sample.name, tuple(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("shown", ["", "Bearer wrong", "Basic c2NyYXBlLW1l", "Bearer ü"])
def test_without_the_token_nothing_is_told(client: Client, db: None, shown: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": shown.encode().decode("latin-1")})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"astro_ui" not in answer.content


def test_where_no_token_is_set_there_is_no_such_address(
    client: Client, db: None, settings: Settings
) -> None:
    settings.METRICS_TOKEN = ""

    for bearer in ("", "Bearer "):
        assert client.get("/metrics", headers={"Authorization": bearer}).status_code == 404


def test_deployments_and_operations_by_state(
    client: Client, running: Deployment, oliver: User
) -> None:
    settle(services.hibernate(running, actor=actor(oliver)))

    seen = scrape(client)

    assert seen["astro_ui_deployments", ("HIBERNATING",)] == 1
    assert seen["astro_ui_deployments", ("UNHEALTHY",)] == 0
    assert seen["astro_ui_operations", ("CREATE", "SUCCEEDED")] == 1
    assert seen["astro_ui_operations", ("HIBERNATE", "SUCCEEDED")] == 1
    assert seen["astro_ui_operations_stuck", ()] == 0


@pytest.mark.django_db(transaction=True)
def test_how_long_operations_took(client: Client, new: Deployment) -> None:
    name = "astro_ui_operation_duration_seconds_count"
    before = scrape(client).get((name, ("CREATE", "SUCCEEDED")), 0)

    settle(new)

    assert scrape(client)[name, ("CREATE", "SUCCEEDED")] == before + 1


def test_the_age_of_a_lease(client: Client, etl: Deployment) -> None:
    assert scrape(client)["astro_ui_lease_age_seconds", ()] == 0
    ends = timezone.now() - timedelta(seconds=10)
    Deployment.objects.filter(pk=etl.pk).update(is_settled=False, lease_until=ends)

    assert 30 <= scrape(client)["astro_ui_lease_age_seconds", ()] < 60


def test_queue_heartbeats_disk_and_versions(client: Client, db: None) -> None:
    heartbeats.note("worker")

    seen = scrape(client)

    assert seen["astro_ui_queue_messages", ("waiting",)] >= 0
    assert seen["astro_ui_heartbeat_age_seconds", ("worker",)] < 30
    assert seen["astro_ui_disk_free_bytes", ()] < seen["astro_ui_disk_size_bytes", ()]
    assert ("astro_ui_info", (sys.version.split()[0], "0.1.0")) in seen
    assert seen["astro_ui_part_up", ("redis",)] == 1


def test_requests_are_counted_by_route_and_never_by_path(
    client: Client, etl: Deployment, oliver: User
) -> None:
    client.force_login(oliver)
    client.get(f"/deployments/{etl.pk}/")
    client.get("/no-such-page-zebra")
    client.generic("BREWzebra", "/livez")

    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()

    seen = parsed(text)
    name = "astro_ui_http_requests_total"
    assert seen[name, ("GET", "/deployments/<str:deployment_id>/", "200")] >= 1
    assert seen[name, ("GET", "none", "404")] >= 1
    assert seen[name, ("other", "/livez", "200")] >= 1
    for secret in (etl.pk, etl.name, "Acme", "zebra", "oliver"):
        assert secret not in text


def test_without_redis_the_rest_is_told(client: Client, db: None, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"

    seen = scrape(client)

    assert seen["astro_ui_part_up", ("redis",)] == 0
    assert seen["astro_ui_part_up", ("database",)] == 1
    assert seen["astro_ui_deployments", ("HEALTHY",)] == 0


PROCESS = """
import django
django.setup()
from deployments.metrics import DOOR_REQUESTS
DOOR_REQUESTS.labels("allowed", "console").inc(3)
"""


def test_one_scrape_tells_of_all_processes(tmp_path: Path) -> None:
    """As `up` starts them: the folder of counts is in the environment of each."""
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "astro_ui.settings",
    }
    for _ in range(2):
        subprocess.run([sys.executable, "-c", PROCESS], env=environment, check=True)
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{PROCESS}\nfrom web.metrics import _counts, generate_latest\n"
            "print(generate_latest(_counts()).decode())",
        ],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert parsed(told)["astro_ui_door_requests_total", ("allowed", "console")] == 9


def test_loading_the_counters_opens_no_file(tmp_path: Path) -> None:
    """The console's processes are forked from one that has loaded them."""
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "astro_ui.settings",
    }
    loaded = "import django; django.setup(); import installation.metrics, deployments.metrics"
    subprocess.run([sys.executable, "-c", loaded], env=environment, check=True)

    assert list(tmp_path.iterdir()) == []
