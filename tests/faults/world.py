"""One running console, driven from outside as people and programs drive it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any
from xmlrpc.client import ServerProxy

import psycopg
from supervisor.xmlrpc import SupervisorTransport

from astro_ui.bench.browser import Browser
from astro_ui.embedded import Places, database_url
from astro_ui.up.programs import control_socket
from astro_ui.up.site import CHECKOUT
from deployments.provisioners.local import LocalProvisioner
from deployments.provisioners.local.settings import Place
from tests.boot.running import Console, clean_environment, free_port
from tests.deploys.packing import tar_gz

EMAIL = "olivia@example.com"
_ROW = """
SELECT d.status, d.status_reason, d.wish, d.is_settled, d.active_deploy_id, c.id, c.status,
       (SELECT count(*) FROM deployments_operation o
         WHERE o.deployment_id = d.id AND o.status = 'RUNNING')
  FROM deployments_deployment d LEFT JOIN deployments_deploy c ON c.id = d.current_deploy_id
 WHERE d.id = %s
"""


@dataclass(frozen=True)
class Row:
    """What the console's database says of a Deployment."""

    status: str
    reason: str
    wish: str
    is_settled: bool
    active_deploy: str
    current_deploy: str | None
    deploy_status: str | None
    running_operations: int


class World:
    def __init__(self, data: Path, base_url: str) -> None:
        self.data = data
        self.base_url = base_url
        self._database: psycopg.Connection | None = None
        self.clock_ahead = 0
        """Seconds; PostgreSQL's clock stays right."""
        places = Places(data)
        self.agent = LocalProvisioner(places.sockets / "agent.sock")
        self._control = control_socket(places)
        environment = clean_environment(data) | {
            "ASTRO_UI_BASE_URL": base_url,
            "ASTRO_UI_AGENT_SOCKET": str(places.sockets / "agent.sock"),
        }
        command = ["manage.py", "bootstrap", "--json", "--email", EMAIL, "--organization", "Acme"]
        made = json.loads(_python(environment, *command))
        name, _, value = _python(environment, "-m", "tests.faults.session", EMAIL).partition("=")
        self.line = Browser({"localhost": {name: value.strip()}})
        self._workspace_id = made["workspaceId"]
        self._organization = f"{base_url}/v1/organizations/{made['organizationId']}"
        self.headers = {"Authorization": f"Bearer {made['token']}"}

    def close(self) -> None:
        if self._database:
            self._database.close()

    # What people and programs do

    def call(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self._organization}/deployments/{path}".rstrip("/")
        return self.line.call(method, url, body, self.headers)

    def create(self, **settings: object) -> str:
        body = {"workspaceId": self._workspace_id, "type": "STANDARD", "executor": "LOCAL"}
        return str(self.call("POST", "", {**body, "name": token_hex(6), **settings})["id"])

    def deploy(self, deployment_id: str, **files: str) -> None:
        """Upload and finalize; `files` are DAG files by name."""
        made = self.call("POST", f"{deployment_id}/deploys", {"type": "DAG_ONLY"})
        archive = tar_gz({f"dags/{name}.py": text.encode() for name, text in files.items()})
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"}
        sent = self.line.ask("PUT", made["dagsUploadUrl"], body=archive, headers=headers)
        version = {"dagTarballVersion": sent.headers["x-ms-version-id"]}
        self.call("POST", f"{deployment_id}/deploys/{made['id']}/finalize", version)

    def roll_back(self, deployment_id: str) -> None:
        """To the newest version that is not served now."""
        query = (
            "SELECT id FROM deployments_deploy WHERE deployment_id = %s AND status = 'DEPLOYED'"
            " AND content_version <> (SELECT content_version FROM deployments_deploy WHERE id ="
            " (SELECT current_deploy_id FROM deployments_deployment WHERE id = %s))"
            " ORDER BY number DESC LIMIT 1"
        )
        ((former,),) = self.query(query, deployment_id, deployment_id)
        self.call("POST", f"{deployment_id}/deploys/{former}/rollback", {"description": "back"})

    def rest(self, deployment_id: str, *, asleep: bool) -> None:
        self.call("POST", f"{deployment_id}/hibernation-override", {"isHibernating": asleep})

    def delete(self, deployment_id: str) -> None:
        self.call("DELETE", deployment_id)

    def page(self, deployment_id: str) -> str:
        answer = self.line.open(f"{self.base_url}/deployments/{deployment_id}/")
        if answer.status != 200:
            raise RuntimeError(f"the page answers {answer.status}")
        return answer.body.decode()

    def press_retry(self, deployment_id: str) -> None:
        """The button of the page, which must be there."""
        target = f"/deployments/{deployment_id}/retry/"
        if target not in self.page(deployment_id):
            raise RuntimeError("the page offers no retry")
        token = self.line.cookies["localhost"]["astro_ui_csrf"]
        answer = self.line.ask("POST", self.base_url + target, headers={"X-CSRFToken": token})
        if answer.status not in {200, 302}:
            raise RuntimeError(f"retry answers {answer.status}")

    # What can be seen from outside

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """On a line of its own, which a fault may cut: then psycopg.Error, and a new one."""
        if self._database is None or self._database.broken:
            url = database_url(self.data)
            self._database = psycopg.connect(url, connect_timeout=5, autocommit=True)
        return self._database.execute(statement.encode(), values).fetchall()

    def row(self, deployment_id: str) -> Row:
        (found,) = self.query(_ROW, deployment_id)
        return Row(*found)

    def place(self, deployment_id: str) -> Place:
        return Place(self.data / "cluster/deployments" / deployment_id, self.data / "run")

    def part(self, name: str) -> int:
        """The process id of one part of the console, once it runs."""
        transport = SupervisorTransport(serverurl=f"unix://{self._control}")
        try:
            supervisor: Any = ServerProxy("http://127.0.0.1", transport=transport).supervisor
            return int(supervisor.getProcessInfo(name)["pid"])
        finally:
            transport.close()


@contextmanager
def running(data: Path, **variables: str) -> Iterator[World]:
    """`up` on an empty data directory, with somebody signed in."""
    data.parent.chmod(0o711)
    port = free_port()
    address = f"http://localhost:{port}"
    console = Console(data, "--port", str(port), ASTRO_UI_BASE_URL=address, **variables)
    try:
        console.wait_until_ready()
        world = World(data, address)
        yield world
        world.close()
    finally:
        console.interrupt()


def _python(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout
