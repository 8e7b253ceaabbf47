"""The DAGs tab shows what Airflow says, and says so itself where Airflow cannot."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from deployments.models import Deployment
from tests import factories
from tests.airflow.server import FakeAirflow, import_error


@pytest.fixture
def wandas(client: Client, wanda: User) -> Client:
    client.force_login(wanda)
    return client


@pytest.fixture
def dags(etl: Deployment) -> str:
    return f"/deployments/{etl.pk}/dags/"


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_row_tells_schedule_last_run_owner_and_tags(wandas: Client, dags: str) -> None:
    html = text(wandas, dags)

    assert "At 02:00" in html
    assert "Last runs of sales: 1 success, 1 running" in html
    assert 'href="' + dags + 'sales/runs/r2/"' in html
    assert "data" in html
    assert "daily" in html


def test_both_majors_are_listed(
    wandas: Client, etl: Deployment, dags: str, each_airflow: FakeAirflow
) -> None:
    runtime = "3.3-8" if each_airflow.major == 3 else "13.11.0"
    Deployment.objects.filter(pk=etl.pk).update(
        endpoint=each_airflow.endpoint, runtime_version=runtime
    )

    assert "Last runs of sales: 1 success, 1 running" in text(wandas, dags)


def test_search_and_filters_of_the_address_are_asked_of_airflow(
    wandas: Client, dags: str, airflow: FakeAirflow
) -> None:
    text(wandas, f"{dags}?q=sal&paused=false&tag=finance&state=failed&sort=-last")

    asked = next(call.query for call in airflow.calls if call.path == "/api/v2/dags")
    assert asked["dag_id_pattern"] == ["sal"]
    assert asked["paused"] == ["false"]
    assert asked["tags"] == ["finance"]
    assert asked["last_dag_run_state"] == ["failed"]
    assert asked["order_by"] == ["-last_run_start_date"]


def test_more_dags_than_a_page_holds_are_reached_by_pages(
    wandas: Client, dags: str, airflow: FakeAirflow
) -> None:
    airflow.dags = [airflow.dag(f"dag_{number:02}") for number in range(30)]

    assert "page=2" in text(wandas, dags)
    assert "dag_29" in text(wandas, f"{dags}?page=2")


def test_the_number_of_calls_does_not_grow_with_the_dags(
    wandas: Client, dags: str, airflow: FakeAirflow
) -> None:
    text(wandas, dags)
    few = len(airflow.calls)
    airflow.dags = [airflow.dag(f"dag_{number:02}") for number in range(25)]
    airflow.calls.clear()
    text(wandas, dags)

    assert len(airflow.calls) == few


def test_import_errors_stand_above_with_file_line_and_message(
    wandas: Client, dags: str, airflow: FakeAirflow
) -> None:
    airflow.errors = [import_error()]

    html = text(wandas, dags)

    assert "broken.py:7" in html
    assert "No module named &#x27;pandaz&#x27;" in html


def test_nothing_deployed_leads_to_the_deploys(
    wandas: Client, etl: Deployment, dags: str, airflow: FakeAirflow
) -> None:
    airflow.dags = []

    html = text(wandas, dags)

    assert "No DAGs yet" in html
    assert f'href="/deployments/{etl.pk}/deploys/"' in html


def test_asleep_it_offers_to_wake(client: Client, oliver: User, etl: Deployment, dags: str) -> None:
    Deployment.objects.filter(pk=etl.pk).update(status="HIBERNATING", wish="STOPPED")
    client.force_login(oliver)

    html = text(client, dags)

    assert "Airflow is asleep" in html
    assert f'action="/deployments/{etl.pk}/wake/"' in html


def test_silence_is_said_and_tried_again(wandas: Client, etl: Deployment, dags: str) -> None:
    Deployment.objects.filter(pk=etl.pk).update(endpoint="http://127.0.0.1:9")

    html = text(wandas, dags)

    assert "Airflow does not answer" in html
    assert "Try again" in html
    assert 'hx-trigger="every 3s"' in html


def test_a_run_is_led_back_to_its_deploy(
    wandas: Client, etl: Deployment, dags: str, airflow: FakeAirflow
) -> None:
    deploy = factories.deploy(etl)
    airflow.runs = [airflow.run("sales", "r1", bundle_version=deploy.pk)]

    assert f">#{deploy.number}</a>" in text(wandas, f"{dags}sales/")
    assert f">#{deploy.number}</a>" in text(wandas, f"{dags}sales/runs/r1/")


def test_a_queued_run_of_a_paused_dag_says_what_it_waits_for(
    wandas: Client, dags: str, airflow: FakeAirflow
) -> None:
    airflow.runs = [airflow.run("reports", "r1", "queued"), airflow.run("sales", "r1", "queued")]
    waiting = "This run waits in the queue until the DAG is active."

    html = text(wandas, f"{dags}reports/runs/r1/")

    assert waiting in html
    assert f'action="{dags}reports/pause/"' in html
    assert f'name="back" value="{dags}reports/runs/r1/"' in html
    assert waiting not in text(wandas, f"{dags}sales/runs/r1/")


def test_a_run_lists_its_tasks_with_state_and_tries(wandas: Client, dags: str) -> None:
    html = text(wandas, f"{dags}sales/runs/r1/")

    assert "report" in html
    assert "Failed" in html
    assert f'href="{dags}sales/runs/r1/tasks/load/"' in html


def test_code_is_shown_escaped(wandas: Client, dags: str) -> None:
    assert "import dag" in text(wandas, f"{dags}sales/code/")


def test_a_log_without_attempt_leads_to_the_newest(wandas: Client, dags: str) -> None:
    answer = wandas.get(f"{dags}sales/runs/r1/tasks/report/")

    assert answer.headers["Location"].endswith("/tasks/report/?try=2")


def test_each_line_of_a_log_has_a_link(wandas: Client, dags: str) -> None:
    html = text(wandas, f"{dags}sales/runs/r1/tasks/report/?try=1")

    assert "attempt 1" in html
    assert 'href="#log-L2"' in html
    assert ">Attempt 2<" in html


def test_a_level_hides_lesser_lines_and_keeps_their_numbers(
    wandas: Client, dags: str, airflow: FakeAirflow
) -> None:
    airflow.log = [{"event": "fine", "level": "info"}, {"event": "broken", "level": "error"}]

    html = text(wandas, f"{dags}sales/runs/r1/tasks/load/?try=1&level=WARNING")

    assert "fine" not in html
    assert 'id="log-L2"' in html


def test_a_running_log_is_followed_until_its_attempt_is_over(
    wandas: Client, dags: str, airflow: FakeAirflow
) -> None:
    airflow.tasks = [airflow.task("load", state="running")]
    address = f"{dags}sales/runs/r1/tasks/load/"
    assert "lines/?try=1&amp;after=2" in text(wandas, f"{address}?try=1")

    airflow.tasks = [airflow.task("load")]
    last = text(wandas, f"{address}lines/?try=1&after=1")

    assert "attempt 1" in last
    assert "source details" not in last
    assert "hx-get" not in last


def test_the_download_is_the_whole_log(wandas: Client, dags: str) -> None:
    answer = wandas.get(f"{dags}sales/runs/r1/tasks/load/download/?try=1")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="sales.load.1.log"'
    assert "2026-01-31T02:00:02+00:00 INFO attempt 1\n" in answer.content.decode()


def test_another_organizations_dags_are_not_there(client: Client, oscar: User, dags: str) -> None:
    client.force_login(oscar)

    for address in ("", "sales/", "sales/runs/r1/", "sales/runs/r1/tasks/load/"):
        assert client.get(dags + address).status_code == 404


def test_import_errors_are_for_who_may_see_them(
    client: Client, etl: Deployment, dags: str, airflow: FakeAirflow
) -> None:
    airflow.errors = [import_error()]
    nina = factories.user("nina")
    factories.holding(nina, etl, "deployment.airflow.dag.get")
    client.force_login(nina)

    assert "broken.py" not in text(client, dags)
