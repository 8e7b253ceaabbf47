"""One Airflow's REST API. Every call ends within its time limits, or raises AirflowSilent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests

from deployments.airflow import logs
from deployments.airflow.errors import AirflowRefused, AirflowSilent
from deployments.airflow.shapes import Dag, DagRun, ImportError_, LogEntry, TaskInstance
from web.errors import NotFound

CONNECT_SECONDS = 2
READ_SECONDS = 8
LARGEST_PAGE = 100
"""More rows than this Airflow does not give at once."""
_SILENT = "Nothing answered in time at the address of this Airflow."
_REMEDY = "Look at its components on the Overview, then try again."
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Dialect:
    """Where the two majors differ in words only."""

    root: str
    current_only: Mapping[str, str]
    newest_first: str
    trigger: Mapping[str, Any]


DIALECTS = {
    2: Dialect("/api/v1", {"only_active": "true"}, "-execution_date", {}),
    3: Dialect("/api/v2", {"exclude_stale": "true"}, "-run_after", {"logical_date": None}),
}


@dataclass(frozen=True)
class DagList:
    """One page of DAGs, and how many there are in all."""

    dags: tuple[Dag, ...]
    total: int


class Airflow:
    """A client for one request of ours; use it as a context to close its connection.

    Raises NotFound for what Airflow does not know, AirflowRefused with its own words, and
    AirflowSilent where it does not answer within 2 s of connecting and 8 s of waiting.
    """

    def __init__(self, endpoint: str, *, major: int, token: str) -> None:
        self.major = major
        self._dialect = DIALECTS[major]
        self._root = endpoint.rstrip("/") + self._dialect.root
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc between us and this machine
        self._session.headers.update(
            {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    # What it shows

    def dags(self, *, limit: int = LARGEST_PAGE, offset: int = 0, **asked: Any) -> DagList:
        """DAGs that exist now; `asked` are Airflow's own filters and `order_by`."""
        params = {**self._dialect.current_only, "limit": limit, "offset": offset, **asked}
        answer = self._get("/dags", params)
        found = tuple(Dag.read(each) for each in answer["dags"])
        return DagList(found, int(answer.get("total_entries", len(found))))

    def dag(self, dag_id: str) -> Dag:
        return Dag.read(self._get(_path("dags", dag_id)))

    def tags(self) -> list[str]:
        """Every tag in use; Airflow 2 cannot say."""
        return (
            [] if self.major == 2 else list(self._get("/dagTags", {"limit": LARGEST_PAGE})["tags"])
        )

    def latest_runs(
        self, dag_ids: Sequence[str], *, offset: int = 0, limit: int = LARGEST_PAGE
    ) -> list[DagRun]:
        """The newest runs of several DAGs together, newest first; at most 100."""
        body = {
            "dag_ids": list(dag_ids),
            "order_by": self._dialect.newest_first,
            "page_limit": limit,
            "page_offset": offset,
        }
        answer = self._send("POST", "/dags/~/dagRuns/list", body)
        return [DagRun.read(each) for each in answer["dag_runs"]]

    def runs(
        self, dag_id: str, *, limit: int, offset: int = 0, states: Sequence[str] = ()
    ) -> list[DagRun]:
        """Runs of one DAG, newest first."""
        params: dict[str, Any] = {
            "limit": limit,
            "offset": offset,
            "order_by": self._dialect.newest_first,
        }
        if states:
            params["state"] = list(states)
        answer = self._get(_path("dags", dag_id, "dagRuns"), params)
        return [DagRun.read(each) for each in answer["dag_runs"]]

    def run(self, dag_id: str, run_id: str) -> DagRun:
        return DagRun.read(self._get(_path("dags", dag_id, "dagRuns", run_id)))

    def tasks(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """The task instances of a run, in the order in which they started; at most 500."""
        found: list[TaskInstance] = []
        for offset in range(0, 5 * LARGEST_PAGE, LARGEST_PAGE):
            params = {"limit": LARGEST_PAGE, "offset": offset}
            answer = self._get(_path("dags", dag_id, "dagRuns", run_id, "taskInstances"), params)
            found += [TaskInstance.read(each) for each in answer["task_instances"]]
            if len(answer["task_instances"]) < LARGEST_PAGE:
                break
        return sorted(found, key=lambda task: (task.started_at is None, str(task.started_at)))

    def task(self, dag_id: str, run_id: str, task_id: str, *, map_index: int = -1) -> TaskInstance:
        mapped = (str(map_index),) if map_index >= 0 else ()
        parts = ("dags", dag_id, "dagRuns", run_id, "taskInstances", task_id, *mapped)
        return TaskInstance.read(self._get(_path(*parts)))

    def log(
        self, dag_id: str, run_id: str, task_id: str, *, attempt: int, map_index: int = -1
    ) -> Iterator[LogEntry]:
        """What one attempt of a task has written up to now."""
        parts = ("dags", dag_id, "dagRuns", run_id, "taskInstances", task_id, "logs", str(attempt))
        params: dict[str, Any] = {"full_content": "true"}
        if map_index >= 0:
            params["map_index"] = map_index
        return logs.read(self._get(_path(*parts), params)["content"])

    def code(self, dag: Dag) -> str:
        """The source of the file that defines the DAG, as Airflow last parsed it."""
        key = dag.file_token if self.major == 2 else dag.id
        return str(self._get(_path("dagSources", key))["content"])

    def import_errors(self) -> list[ImportError_]:
        """Files that cannot be imported, at most 100."""
        answer = self._get("/importErrors", {"limit": LARGEST_PAGE})
        return [ImportError_.read(each) for each in answer["import_errors"]]

    # What it is told

    def trigger(self, dag_id: str, conf: Mapping[str, Any]) -> DagRun:
        body = {**self._dialect.trigger, "conf": dict(conf)}
        return DagRun.read(self._send("POST", _path("dags", dag_id, "dagRuns"), body))

    def set_paused(self, dag_id: str, *, is_paused: bool) -> None:
        self._send(
            "PATCH", _path("dags", dag_id) + "?update_mask=is_paused", {"is_paused": is_paused}
        )

    def clear(
        self,
        dag_id: str,
        run_id: str,
        *,
        task_id: str = "",
        only_failed: bool = False,
        is_preview: bool,
    ) -> list[str]:
        """Let tasks of a run, or one task and what follows it, run again; their ids."""
        body: dict[str, Any] = {
            "dry_run": is_preview,
            "dag_run_id": run_id,
            "only_failed": only_failed,
            "reset_dag_runs": True,
        }
        if task_id:
            body |= {"task_ids": [task_id], "include_downstream": True}
        answer = self._send("POST", _path("dags", dag_id, "clearTaskInstances"), body)
        return [str(each["task_id"]) for each in answer["task_instances"]]

    def mark_run(self, dag_id: str, run_id: str, state: str) -> None:
        self._send("PATCH", _path("dags", dag_id, "dagRuns", run_id), {"state": state})

    def mark_task(
        self, dag_id: str, run_id: str, task_id: str, state: str, *, map_index: int = -1
    ) -> None:
        mapped = (str(map_index),) if map_index >= 0 else ()
        parts = ("dags", dag_id, "dagRuns", run_id, "taskInstances", task_id, *mapped)
        body = {"new_state": state} | ({"dry_run": False} if self.major == 2 else {})
        self._send("PATCH", _path(*parts), body)

    # How it is asked

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._call("GET", path, params=params)

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        return self._call(method, path, json=body)

    def _call(self, method: str, path: str, **given: Any) -> Any:
        try:
            answer = self._session.request(
                method,
                self._root + path,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                **given,
            )
            if answer.status_code >= _SERVER_ERROR:
                raise AirflowSilent(
                    f"Airflow answered with an error of its own ({answer.status_code}).",
                    remedy="Look at the log of its web server on the Logs tab, then try again.",
                )
            if not answer.ok:
                raise _refusal(answer)
            return answer.json()
        except requests.RequestException as error:
            raise AirflowSilent(_SILENT, remedy=_REMEDY) from error


def _path(*parts: str) -> str:
    return "".join(f"/{quote(part, safe='~')}" for part in parts)


def _refusal(answer: requests.Response) -> NotFound | AirflowRefused:
    words = _words(answer)
    if answer.status_code == requests.codes.not_found:
        return NotFound(words, remedy="It may have gone with a deploy. Look at the list of DAGs.")
    return AirflowRefused(words)


def _words(answer: requests.Response) -> str:
    """Airflow's own reason, at most 500 characters."""
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = {}
    said = (body.get("detail") or body.get("title")) if isinstance(body, dict) else None
    if isinstance(said, list):
        said = "; ".join(str(each.get("msg", each)) for each in said)
    return str(said or f"Airflow answered {answer.status_code} and gave no reason.")[:500]
