"""What people do to the DAGs inside a Deployment's Airflow.

Each gesture is one call to Airflow within the client's time limits, made as the person who acts.
No row of ours is locked meanwhile; where Airflow refuses, nothing is recorded as done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from audit.record import AuditPlace
from deployments.airflow import connect
from deployments.models import Deployment
from web.errors import InvalidInput

LONGEST_CONF = 64_000
RUN_STATES = ("success", "failed")
TASK_STATES = ("success", "failed", "skipped")


@dataclass(frozen=True)
class Dag:
    """What the audit log says of a DAG after a gesture."""

    deployment: Deployment = field(repr=False)
    dag_id: str
    is_paused: bool

    audited_fields: ClassVar[tuple[str, ...]] = ("dag_id", "is_paused")
    secret_fields: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return self.dag_id

    @property
    def pk(self) -> str:
        return self.dag_id

    def audit_place(self) -> AuditPlace:
        return self.deployment.audit_place()


@dataclass(frozen=True)
class DagRun:
    """What the audit log says of a run, or of some of its tasks, after a gesture."""

    deployment: Deployment = field(repr=False)
    dag_id: str
    run_id: str
    task_id: str = ""
    state: str = ""
    cleared: list[str] = field(default_factory=list)
    conf_keys: list[str] = field(default_factory=list)
    """Only the names: values may be secrets."""

    secret_fields: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return " ".join(part for part in (self.dag_id, self.run_id, self.task_id) if part)

    @property
    def pk(self) -> str:
        return self.run_id

    @property
    def audited_fields(self) -> tuple[str, ...]:
        optional = ("task_id", "state", "cleared", "conf_keys")
        return ("dag_id", "run_id", *(name for name in optional if getattr(self, name)))

    def audit_place(self) -> AuditPlace:
        return self.deployment.audit_place()


@action(Permission.DEPLOYMENT_AIRFLOW_DAG_RUN_CREATE, creates=True)
def trigger_dag(
    deployment: Deployment, *, dag_id: str, conf: Mapping[str, Any], actor: Actor
) -> DagRun:
    """Start a run now. Raises AirflowRefused, for example where a parameter is wrong."""
    with connect.for_actor(deployment, actor) as airflow:
        run = airflow.trigger(dag_id, conf)
    return DagRun(deployment, dag_id, run.id, state=run.state, conf_keys=sorted(conf))


@action(Permission.DEPLOYMENT_AIRFLOW_DAG_UPDATE, creates=True)
def set_dag_paused(deployment: Deployment, *, dag_id: str, is_paused: bool, actor: Actor) -> Dag:
    """Let the schedule rest or go on; runs under way continue."""
    with connect.for_actor(deployment, actor) as airflow:
        airflow.set_paused(dag_id, is_paused=is_paused)
    return Dag(deployment, dag_id, is_paused)


@action(Permission.DEPLOYMENT_AIRFLOW_TASK_INSTANCE_UPDATE, creates=True)
def clear_dag_run(
    deployment: Deployment, *, dag_id: str, run_id: str, only_failed: bool, actor: Actor
) -> DagRun:
    """Let all tasks of a run, or the failed ones, run again."""
    with connect.for_actor(deployment, actor) as airflow:
        tasks = airflow.clear(dag_id, run_id, only_failed=only_failed, is_preview=False)
    return DagRun(deployment, dag_id, run_id, cleared=_once(tasks))


@action(Permission.DEPLOYMENT_AIRFLOW_TASK_INSTANCE_UPDATE, creates=True)
def clear_task(
    deployment: Deployment, *, dag_id: str, run_id: str, task_id: str, actor: Actor
) -> DagRun:
    """Let one task and everything after it in the run do its work again."""
    with connect.for_actor(deployment, actor) as airflow:
        tasks = airflow.clear(dag_id, run_id, task_id=task_id, is_preview=False)
    return DagRun(deployment, dag_id, run_id, task_id=task_id, cleared=_once(tasks))


@action(Permission.DEPLOYMENT_AIRFLOW_DAG_RUN_UPDATE, creates=True)
def mark_dag_run(
    deployment: Deployment, *, dag_id: str, run_id: str, state: str, actor: Actor
) -> DagRun:
    """Say how a run ended, whatever its tasks did."""
    _require_known(state, RUN_STATES)
    with connect.for_actor(deployment, actor) as airflow:
        airflow.mark_run(dag_id, run_id, state)
    return DagRun(deployment, dag_id, run_id, state=state)


@action(Permission.DEPLOYMENT_AIRFLOW_TASK_INSTANCE_UPDATE, creates=True)
def mark_task(
    deployment: Deployment,
    *,
    dag_id: str,
    run_id: str,
    task_id: str,
    state: str,
    map_index: int = -1,
    actor: Actor,
) -> DagRun:
    """Say how a task ended."""
    _require_known(state, TASK_STATES)
    with connect.for_actor(deployment, actor) as airflow:
        airflow.mark_task(dag_id, run_id, task_id, state, map_index=map_index)
    return DagRun(deployment, dag_id, run_id, task_id=task_id, state=state)


def parse_conf(text: str) -> dict[str, Any]:
    """The configuration of a run from what somebody typed; nothing is an empty one.

    Raises InvalidInput for the field `conf`.
    """
    if len(text) > LONGEST_CONF:
        raise _bad_conf(f"The configuration is longer than {LONGEST_CONF:,} characters.")
    try:
        conf = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise _bad_conf(f"This is not JSON: {error}.") from None
    if not isinstance(conf, dict):
        raise _bad_conf("The configuration has to be a JSON object.")
    return conf


def _bad_conf(cause: str) -> InvalidInput:
    remedy = 'Write an object such as {"day": "2026-01-31"}, or leave it empty.'
    return InvalidInput(cause, remedy=remedy, fields={"conf": cause})


def _require_known(state: str, known: tuple[str, ...]) -> None:
    if state not in known:
        raise InvalidInput(
            f"A state “{state[:40]}” cannot be set.", remedy=f"Choose one of {', '.join(known)}."
        )


def _once(tasks: list[str]) -> list[str]:
    return list(dict.fromkeys(tasks))
