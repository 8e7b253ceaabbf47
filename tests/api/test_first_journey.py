"""The main job by script alone: from an empty machine to a DAG that ran and was rolled back, and
to another machine by backup and restore."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from astro_ui.bench.browser import Browser
from astro_ui.bench.waiting import until
from astro_ui.up.site import CHECKOUT
from tests.consoles import fresh_console, restored_console
from tests.deploys.packing import tar_gz
from tests.hello import hello

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
MINUTE = 60.0


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with fresh_console() as environment:
        yield environment


def bootstrap(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "bootstrap", "--json"]
    options = ["--email", "olivia@example.com", "--organization", "Acme"]
    return subprocess.run(
        [*command, *options], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )


class Script:
    """What somebody writes who has read docs/api.md: a token, HTTP and nothing else."""

    def __init__(self, made: dict[str, str]) -> None:
        self.line = Browser()
        self.organization = f"{made['url']}/v1/organizations/{made['organizationId']}"
        self.headers = {"Authorization": f"Bearer {made['token']}"}
        self.deployment = ""
        self.airflow = ""

    def call(self, method: str, url: str, body: Any = None) -> Any:
        return self.line.call(method, url, body, self.headers)

    def create(self, workspace_id: str, **settings: str) -> None:
        made = self.call(
            "POST",
            f"{self.organization}/deployments",
            {"workspaceId": workspace_id, "type": "STANDARD", **settings},
        )
        self.deployment = f"{self.organization}/deployments/{made['id']}"
        self.airflow = f"http://{made['webServerAirflowApiUrl']}"
        self.await_status("HEALTHY", minutes=10)

    def runs(self) -> list[str]:
        """The ids of all runs that this Airflow knows."""

        def look() -> Any:
            return self.call("GET", f"{self.airflow}/dags/hello/dagRuns?limit=100")

        found = until(look, "Airflow answering", seconds=3 * MINUTE, every=0.5)
        return sorted(run["dag_run_id"] for run in found["dag_runs"])

    def await_status(self, status: str, *, minutes: float) -> None:
        def look() -> bool:
            return bool(self.call("GET", self.deployment)["status"] == status)

        until(look, f"the status {status}", seconds=minutes * MINUTE, every=0.5)

    def deploy(self, words: str) -> Any:
        deploys = f"{self.deployment}/deploys"
        made = self.call("POST", deploys, {"type": "DAG_ONLY", "description": words})
        files = {"dags/hello.py": hello(words).encode()}
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"}
        sent = self.line.ask("PUT", made["dagsUploadUrl"], body=tar_gz(files), headers=headers)
        version = {"dagTarballVersion": sent.headers["x-ms-version-id"]}
        done = self.call("POST", f"{deploys}/{made['id']}/finalize", version)
        self.await_served(done["dagTarballVersion"])
        return done

    def roll_back(self, deploy_id: str) -> Any:
        url = f"{self.deployment}/deploys/{deploy_id}/rollback"
        made = self.call("POST", url, {"description": "version two was wrong"})
        self.await_served(made["dagTarballVersion"])
        return made

    def await_served(self, version: str) -> None:
        def look() -> bool:
            return bool(self.call("GET", self.deployment)["dagTarballVersion"] == version)

        until(look, "Airflow serving the deploy", seconds=3 * MINUTE, every=0.5)

    def run(self, words: str) -> None:
        """Trigger a run over Airflow's own REST, with the same token, until it printed `words`.

        Airflow learns of a new version within seconds of serving it, so a run may still be old.
        """
        dag = f"{self.airflow}/dags/hello"
        until(lambda: self.call("GET", dag), "the DAG in Airflow", seconds=3 * MINUTE, every=0.5)
        self.call("PATCH", dag, {"is_paused": False})
        until(lambda: words in self.printed(dag), words, seconds=5 * MINUTE, every=1)

    def printed(self, dag: str) -> str:
        """What the task of a new run printed; the run has succeeded."""
        made = self.call("POST", f"{dag}/dagRuns", {"logical_date": None})
        run = f"{dag}/dagRuns/{made['dag_run_id']}"

        def look() -> bool:
            state = self.call("GET", run)["state"]
            assert state != "failed"
            return bool(state == "success")

        until(look, "the run's success", seconds=3 * MINUTE, every=0.5)
        return json.dumps(self.call("GET", f"{run}/taskInstances/greet/logs/1"))


def test_from_bootstrap_to_a_run_that_was_rolled_back(environment: dict[str, str]) -> None:
    first = bootstrap(environment)
    assert first.returncode == 0, first.stderr
    made = json.loads(first.stdout)
    again = bootstrap(environment)
    assert (again.returncode, again.stdout) == (1, "")
    assert "already set up" in again.stderr

    script = Script(made)
    options = script.call("GET", f"{script.organization}/deployment-options")
    script.create(
        made["workspaceId"],
        name="prod-etl",
        executor="ASTRO",
        astroRuntimeVersion=options["runtimeReleases"][0]["version"],
    )
    one = script.deploy("version one")
    script.run("version one")
    script.deploy("version two")
    script.run("version two")
    back = script.roll_back(one["id"])
    assert back["rollbackFromId"] == one["id"]
    script.run("version one")

    lines = script.call("GET", f"{script.deployment}/logs?sources=scheduler&limit=10")
    assert lines["results"][0]["source"] == "scheduler"
    runs = script.runs()
    with restored_console(environment):
        restored = Script(made)
        restored.deployment, restored.airflow = script.deployment, script.airflow
        restored.await_status("HEALTHY", minutes=10)
        assert restored.runs() == runs, "Airflow's history"
        restored.run("version one")
        restored.call("DELETE", restored.deployment)
