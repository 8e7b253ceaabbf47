"""Gestures on DAGs reach Airflow as the person who makes them, and are written down."""

from __future__ import annotations

from functools import partial
from typing import Any

import jwt
import pytest
from django.test import Client

from access.policy import PermissionDenied
from access.roles import Role
from accounts.models import Organization, User
from audit.models import AuditRecord, Outcome
from deployments.airflow import AirflowRefused, connect
from deployments.models import Deployment
from deployments.services import dags
from tests import factories
from tests.airflow.server import FakeAirflow
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace


@pytest.fixture
def vera(acme: Organization, science: Workspace) -> User:
    """Member of the Workspace: she may look, and change nothing."""
    made = factories.member("vera", acme)
    factories.grant(made, science, Role.WORKSPACE_MEMBER)
    return made


def test_a_trigger_is_recorded_without_the_values_of_its_configuration(
    etl: Deployment, wanda: User, airflow: FakeAirflow
) -> None:
    run = dags.trigger_dag(
        etl, dag_id="sales", conf={"token": "canary"}, actor=factories.actor(wanda)
    )

    assert airflow.calls[-1].body["conf"] == {"token": "canary"}
    row = AuditRecord.objects.get(action="deployments.trigger_dag")
    assert row.deployment_id == etl.pk
    assert row.after == {
        "dag_id": "sales",
        "run_id": run.run_id,
        "state": "queued",
        "conf_keys": ["token"],
    }
    assert "canary" not in str(row.__dict__)


def test_airflow_learns_who_it_was_and_what_they_may(
    etl: Deployment, wanda: User, airflow: FakeAirflow
) -> None:
    dags.set_dag_paused(etl, dag_id="sales", is_paused=True, actor=factories.actor(wanda))

    token = airflow.calls[-1].authorization.removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["aud"], claims["role"]) == (wanda.pk, etl.pk, "User")
    assert "connection.delete" not in claims["permissions"]


def test_who_may_only_look_is_refused_and_the_try_recorded(
    etl: Deployment, vera: User, airflow: FakeAirflow
) -> None:
    with pytest.raises(PermissionDenied):
        dags.trigger_dag(etl, dag_id="sales", conf={}, actor=factories.actor(vera))

    assert airflow.calls == []
    assert AuditRecord.objects.get().outcome == Outcome.REFUSED


def test_what_airflow_refuses_is_not_recorded_as_done(
    etl: Deployment, wanda: User, airflow: FakeAirflow
) -> None:
    airflow.refuses["POST"] = (400, {"detail": "Invalid input for param day"})

    with pytest.raises(AirflowRefused, match="param day"):
        dags.trigger_dag(etl, dag_id="sales", conf={}, actor=factories.actor(wanda))

    assert not AuditRecord.objects.exists()


def test_asleep_nothing_can_be_triggered(etl: Deployment, wanda: User) -> None:
    Deployment.objects.filter(pk=etl.pk).update(status="HIBERNATING", wish="STOPPED")
    etl.refresh_from_db()

    with pytest.raises(Conflict, match="asleep"):
        dags.trigger_dag(etl, dag_id="sales", conf={}, actor=factories.actor(wanda))


def test_asleep_nothing_is_asked(etl: Deployment) -> None:
    Deployment.objects.filter(pk=etl.pk).update(status="HIBERNATING", wish="STOPPED")
    etl.refresh_from_db()

    with pytest.raises(Conflict, match="asleep"):
        connect.for_console(etl)


def test_a_state_that_nobody_knows_is_not_set(etl: Deployment, wanda: User) -> None:
    wish: dict[str, Any] = {
        "dag_id": "sales",
        "run_id": "r1",
        "state": "happy",
        "actor": factories.actor(wanda),
    }

    for mark in (dags.mark_dag_run, partial(dags.mark_task, task_id="load")):
        with pytest.raises(InvalidInput, match="cannot be set"):
            mark(etl, **wish)


@pytest.mark.parametrize("typed", ["{", "[1]", '"text"', "{'day': 1}", "{}" + " " * 70_000])
def test_a_configuration_has_to_be_a_json_object(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        dags.parse_conf(typed)

    assert "conf" in refused.value.fields


def test_an_empty_configuration_is_none() -> None:
    assert dags.parse_conf(" ") == {}


def test_a_bad_configuration_stays_in_the_form(
    client: Client, wanda: User, etl: Deployment, airflow: FakeAirflow
) -> None:
    client.force_login(wanda)

    answer = client.post(f"/deployments/{etl.pk}/dags/sales/trigger/", {"conf": "{oops"})

    assert answer.status_code == 422
    assert "{oops" in answer.content.decode()
    assert all(call.method == "GET" for call in airflow.calls)


def test_triggering_leads_to_the_run(client: Client, wanda: User, etl: Deployment) -> None:
    client.force_login(wanda)

    answer = client.post(f"/deployments/{etl.pk}/dags/sales/trigger/", {"conf": ""})

    assert answer.headers["Location"] == f"/deployments/{etl.pk}/dags/sales/runs/manual__2/"


def test_the_switch_leads_back_but_nowhere_else(
    client: Client, wanda: User, etl: Deployment, airflow: FakeAirflow
) -> None:
    client.force_login(wanda)
    dags_page = f"/deployments/{etl.pk}/dags/"

    back = client.post(f"{dags_page}sales/pause/", {"paused": "true", "back": f"{dags_page}?q=s"})
    away = client.post(f"{dags_page}sales/pause/", {"paused": "false", "back": "//evil.example/"})

    assert back.headers["Location"] == f"{dags_page}?q=s"
    assert away.headers["Location"] == dags_page
    assert [call.body for call in airflow.calls] == [{"is_paused": True}, {"is_paused": False}]


def test_clearing_first_counts_then_clears(
    client: Client, wanda: User, etl: Deployment, airflow: FakeAirflow
) -> None:
    client.force_login(wanda)
    address = f"/deployments/{etl.pk}/dags/sales/runs/r1/clear/"

    assert "2 tasks will run again" in client.get(address).content.decode()
    client.post(address, {"only_failed": "on"})

    asked = [(call.body["dry_run"], call.body["only_failed"]) for call in airflow.calls]
    assert asked == [(True, False), (False, True)]
    assert AuditRecord.objects.get().after["cleared"] == ["load", "report"]


def test_clearing_a_task_takes_along_what_follows(
    etl: Deployment, wanda: User, airflow: FakeAirflow
) -> None:
    dags.clear_task(etl, dag_id="sales", run_id="r1", task_id="load", actor=factories.actor(wanda))

    body = airflow.calls[-1].body
    assert (body["task_ids"], body["include_downstream"]) == (["load"], True)


def test_run_and_task_can_be_marked(etl: Deployment, wanda: User, airflow: FakeAirflow) -> None:
    actor = factories.actor(wanda)
    dags.mark_dag_run(etl, dag_id="sales", run_id="r1", state="failed", actor=actor)
    dags.mark_task(etl, dag_id="sales", run_id="r1", task_id="load", state="success", actor=actor)

    assert [call.body for call in airflow.calls] == [{"state": "failed"}, {"new_state": "success"}]
    with pytest.raises(InvalidInput):
        dags.mark_dag_run(etl, dag_id="sales", run_id="r1", state="golden", actor=actor)


def test_buttons_that_a_role_lacks_name_the_role(
    client: Client, vera: User, etl: Deployment
) -> None:
    client.force_login(vera)
    html = client.get(f"/deployments/{etl.pk}/dags/").content.decode()

    assert "Needs Workspace Author. An Owner of the Workspace can grant it." in html
    assert "/trigger/" not in html
    assert "/pause/" not in html
