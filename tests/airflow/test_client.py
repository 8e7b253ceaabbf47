"""One client for both majors of Airflow: the same questions, the same answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deployments.airflow import Airflow, AirflowRefused, AirflowSilent
from tests.airflow.server import FakeAirflow, import_error
from web.errors import NotFound


def client(fake: FakeAirflow) -> Airflow:
    return Airflow(fake.endpoint, major=fake.major, token="signed")


def test_a_dag_reads_alike(each_airflow: FakeAirflow) -> None:
    with client(each_airflow) as airflow:
        listed = airflow.dags()

    first = listed.dags[0]
    assert (listed.total, first.id, first.is_paused) == (2, "sales", False)
    assert (first.schedule, first.schedule_detail) == ("At 02:00", "0 2 * * *")
    assert first.next_run_at == datetime(2026, 2, 1, 2, tzinfo=UTC)
    assert (first.tags, first.owners) == (("daily",), ("data",))


def test_every_call_carries_the_signed_identity(each_airflow: FakeAirflow) -> None:
    with client(each_airflow) as airflow:
        airflow.dag("sales")

    assert each_airflow.calls[0].authorization == "Bearer signed"


def test_a_run_and_its_tasks_read_alike(each_airflow: FakeAirflow) -> None:
    with client(each_airflow) as airflow:
        run = airflow.run("sales", "r1")
        tasks = airflow.tasks("sales", "r1")

    assert (run.state, run.is_active) == ("success", False)
    assert run.duration is not None
    assert run.duration.total_seconds() == 12
    assert [(task.task_id, task.state, task.tries) for task in tasks] == [
        ("load", "success", 1),
        ("report", "failed", 2),
    ]


def test_triggering_hands_over_the_configuration(each_airflow: FakeAirflow) -> None:
    with client(each_airflow) as airflow:
        run = airflow.trigger("sales", {"day": "monday"})

    assert run.state == "queued"
    expected = {"conf": {"day": "monday"}}
    # Airflow 3 insists on being told that there is no logical date
    assert each_airflow.calls[-1].body == (
        expected | {"logical_date": None} if each_airflow.major == 3 else expected
    )


def test_a_log_becomes_lines_with_time_and_level(each_airflow: FakeAirflow) -> None:
    with client(each_airflow) as airflow:
        lines = list(airflow.log("sales", "r1", "load", attempt=2))

    said = next(line for line in lines if line.text == "attempt 2")
    assert said.level == "INFO"
    assert said.at == datetime(2026, 1, 31, 2, 0, 2, tzinfo=UTC)


def test_an_exception_in_a_structured_log_keeps_its_frames() -> None:
    fake = FakeAirflow()
    frame = {"filename": "/dags/sales.py", "lineno": 12, "name": "load"}
    detail = [{"exc_type": "ValueError", "exc_value": "no rows", "frames": [frame]}]
    fake.log = [{"event": "Task failed", "level": "error", "error_detail": detail}]
    try:
        with client(fake) as airflow:
            lines = [line.text for line in airflow.log("sales", "r1", "load", attempt=1)]
    finally:
        fake.close()

    assert lines == [
        "Task failed",
        '  File "/dags/sales.py", line 12, in load',
        "ValueError: no rows",
    ]


def test_a_log_says_what_the_task_said_and_not_where_airflow_found_it() -> None:
    known = {"dag_id": "sales", "run_id": "r1", "task_id": "load", "try_number": 1}
    fake = FakeAirflow()
    fake.log = [
        {"event": "::group::Log message source details"},
        {"event": "Could not read served logs: connection refused"},
        {"event": "::endgroup::"},
        {"event": "::group::Pre Execute", "level": "info", **known},
        {"event": "Loading", "level": "info", "rows": 3, **known},
        {"event": "::endgroup::", "level": "info", **known},
    ]
    try:
        with client(fake) as airflow:
            lines = [line.text for line in airflow.log("sales", "r1", "load", attempt=1)]
    finally:
        fake.close()

    assert lines == ["▾ Pre Execute", "Loading  rows=3"]


def test_an_import_error_names_file_line_and_message(each_airflow: FakeAirflow) -> None:
    each_airflow.errors = [import_error()]
    with client(each_airflow) as airflow:
        found = airflow.import_errors()[0]

    assert (found.file, found.line) == ("broken.py", 7)
    assert found.message == "ModuleNotFoundError: No module named 'pandaz'"


def test_the_source_of_a_dag_can_be_read(each_airflow: FakeAirflow) -> None:
    with client(each_airflow) as airflow:
        assert airflow.code(airflow.dag("sales")) == "import dag\n"


def test_what_airflow_does_not_know_is_not_found(each_airflow: FakeAirflow) -> None:
    with client(each_airflow) as airflow, pytest.raises(NotFound, match="DAG was not found"):
        airflow.dag("gone")


def test_a_refusal_is_told_in_airflows_own_words(each_airflow: FakeAirflow) -> None:
    each_airflow.refuses["POST"] = (400, {"detail": "Invalid input for param day"})
    with client(each_airflow) as airflow, pytest.raises(AirflowRefused, match="for param day"):
        airflow.trigger("sales", {})


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_inside_airflow_is_not_ours(each_airflow: FakeAirflow, status: int) -> None:
    each_airflow.refuses["GET"] = (status, {})
    with client(each_airflow) as airflow, pytest.raises(AirflowSilent):
        airflow.dags()


def test_nobody_there_is_silence() -> None:
    with Airflow("http://127.0.0.1:9", major=3, token="x") as airflow, pytest.raises(AirflowSilent):
        airflow.dags()
