"""A tiny real HTTP server that answers as Airflow's REST API does, in the shapes of 3.3 and 2.11.

Source: answers of Airflow 3.3.2 (`/api/v2`) and 2.11.2 (`/api/v1`), shortened.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

START, END = "2026-01-31T02:00:01.5+00:00", "2026-01-31T02:00:13.5+00:00"
TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/opt/python/importlib.py", line 940, in exec_module\n'
    '  File "/dags/broken.py", line 7, in <module>\n    import pandaz\n'
    "ModuleNotFoundError: No module named 'pandaz'\n"
)


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    authorization: str


@dataclass
class FakeAirflow:
    """What it shows can be changed; `calls` are what it was asked."""

    major: int = 3
    dags: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    log: Any = None
    calls: list[Call] = field(default_factory=list)
    refuses: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """By method: the status and body that it answers instead."""

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        if not self.dags:
            self.dags = [self.dag("sales"), self.dag("reports", is_paused=True)]
            self.runs = [self.run("sales", "r2", "running"), self.run("sales", "r1")]
            self.tasks = [self.task("load"), self.task("report", state="failed", try_number=2)]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # Its shapes

    def dag(self, dag_id: str, **changed: Any) -> dict[str, Any]:
        common: dict[str, Any] = {
            "dag_id": dag_id,
            "dag_display_name": dag_id,
            "is_paused": False,
            "description": f"The {dag_id} of the day",
            "timetable_description": "At 02:00",
            "tags": [{"name": "daily"}],
            "owners": ["data"],
            "fileloc": f"/dags/{dag_id}.py",
            "file_token": f"token-{dag_id}",
            "has_import_errors": False,
        }
        own: dict[str, Any] = (
            {
                "timetable_summary": "0 2 * * *",
                "next_dagrun_run_after": "2026-02-01T02:00:00Z",
                "relative_fileloc": f"{dag_id}.py",
            }
            if self.major == 3
            else {
                "schedule_interval": {"__type": "CronExpression", "value": "0 2 * * *"},
                "next_dagrun_create_after": "2026-02-01T02:00:00+00:00",
            }
        )
        return common | own | changed

    def run(
        self, dag_id: str, run_id: str, state: str = "success", **changed: Any
    ) -> dict[str, Any]:
        moment = "run_after" if self.major == 3 else "logical_date"
        common: dict[str, Any] = {
            "dag_run_id": run_id,
            "dag_id": dag_id,
            "state": state,
            "run_type": "scheduled",
            "conf": {},
            moment: "2026-01-31T02:00:00Z",
            "start_date": START,
            "end_date": None if state == "running" else END,
        }
        own = {"bundle_version": "", "triggering_user_name": None} if self.major == 3 else {}
        return common | own | changed

    def task(self, task_id: str, state: str = "success", **changed: Any) -> dict[str, Any]:
        return {
            "task_id": task_id,
            "dag_run_id": "r1",
            "map_index": -1,
            "state": state,
            "operator": "PythonOperator",
            "try_number": 1,
            "start_date": START,
            "end_date": END,
        } | changed

    # Its answers

    def answer(self, call: Call) -> tuple[int, Any]:
        self.calls.append(call)
        if call.method in self.refuses:
            return self.refuses[call.method]
        if not call.path.startswith("/api/v2/" if self.major == 3 else "/api/v1/"):
            return 404, {"detail": "Not Found"}
        parts = [unquote(part) for part in call.path.split("/")[3:]]
        return self._read(call, parts) if call.method == "GET" else self._write(call, parts)

    def _read(  # noqa: C901 - one case for each address
        self, call: Call, parts: list[str]
    ) -> tuple[int, Any]:
        match parts:
            case ["dags"]:
                return 200, self._listed(call.query)
            case ["dagTags"] if self.major == 3:
                return 200, {"tags": ["daily", "finance"], "total_entries": 2}
            case ["importErrors"]:
                return 200, {"import_errors": self.errors, "total_entries": len(self.errors)}
            case ["dagSources", key]:
                ids = [row["dag_id"] for row in self.dags] if self.major == 3 else self._tokens()
                known = key in ids
                return (200, {"content": "import dag\n"}) if known else (404, {"detail": "no code"})
            case ["dags", dag_id]:
                return _one([row for row in self.dags if row["dag_id"] == dag_id], "DAG")
            case ["dags", dag_id, "dagRuns"]:
                return 200, {"dag_runs": [row for row in self.runs if row["dag_id"] == dag_id]}
            case ["dags", _, "dagRuns", run_id]:
                return _one([row for row in self.runs if row["dag_run_id"] == run_id], "DAG run")
            case ["dags", _, "dagRuns", _, "taskInstances"]:
                return 200, {"task_instances": self.tasks, "total_entries": len(self.tasks)}
            case ["dags", _, "dagRuns", _, "taskInstances", task_id]:
                return _one([row for row in self.tasks if row["task_id"] == task_id], "Task")
            case ["dags", _, "dagRuns", _, "taskInstances", _, "logs", attempt]:
                return 200, {"content": self._log(attempt), "continuation_token": None}
        return 404, {"detail": "Not Found"}

    def _write(self, call: Call, parts: list[str]) -> tuple[int, Any]:
        match parts:
            case ["dags", "~", "dagRuns", "list"]:
                wanted = [row for row in self.runs if row["dag_id"] in call.body["dag_ids"]]
                start = call.body["page_offset"]
                return 200, {"dag_runs": wanted[start : start + call.body["page_limit"]]}
            case ["dags", dag_id, "dagRuns"]:
                run = self.run(
                    dag_id, f"manual__{len(self.runs)}", "queued", conf=call.body["conf"]
                )
                self.runs.insert(0, run)
                return 200, run
            case ["dags", _, "clearTaskInstances"]:
                wanted = call.body.get("task_ids")
                rows = [row for row in self.tasks if not wanted or row["task_id"] in wanted]
                return 200, {"task_instances": rows, "total_entries": len(rows)}
            case ["dags", dag_id]:
                row = next(row for row in self.dags if row["dag_id"] == dag_id)
                row["is_paused"] = call.body["is_paused"]
                return 200, row
            case ["dags", *_]:
                return 200, {}
        return 404, {"detail": "Not Found"}

    def _listed(self, query: dict[str, list[str]]) -> dict[str, Any]:
        pattern = query.get("dag_id_pattern", [""])[0].lower()
        paused = query.get("paused", [""])[0]
        rows = [row for row in self.dags if pattern in row["dag_id"].lower()]
        if paused:
            rows = [row for row in rows if row["is_paused"] == (paused == "true")]
        start = int(query["offset"][0])
        return {"dags": rows[start : start + int(query["limit"][0])], "total_entries": len(rows)}

    def _tokens(self) -> list[str]:
        return [row["file_token"] for row in self.dags]

    def _log(self, attempt: str) -> Any:
        if self.log is not None:
            return self.log
        if self.major == 2:
            text = f"[2026-01-31T02:00:02.000+0000] {{job.py:7}} INFO - attempt {attempt}\nplain"
            return str([("host", text)])
        return [
            {"event": "::group::Log message source details", "sources": ["/logs/1.log"]},
            {
                "timestamp": "2026-01-31T02:00:02Z",
                "event": f"attempt {attempt}",
                "level": "info",
                "logger": "task",
            },
        ]


def import_error() -> dict[str, Any]:
    return {
        "import_error_id": 1,
        "timestamp": START,
        "filename": "broken.py",
        "bundle_name": "deploys",
        "stack_trace": TRACE,
    }


def _one(rows: list[dict[str, Any]], noun: str) -> tuple[int, Any]:
    return (200, rows[0]) if rows else (404, {"detail": f"{noun} was not found"})


def _handler(fake: FakeAirflow) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            split = urlsplit(self.path)
            bearer = self.headers.get("Authorization", "")
            call = Call(self.command, split.path, parse_qs(split.query), body, bearer)
            status, answer = fake.answer(call)
            payload = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing: the test's output is the test's."""

    return Handler
