"""One running console, driven from outside as people and programs drive it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any
from xmlrpc.client import ServerProxy

import psycopg
from supervisor.xmlrpc import SupervisorTransport

from astro_ui.bench.browser import Browser
from astro_ui.bench.waiting import until
from astro_ui.embedded import Places
from astro_ui.up.programs import control_socket
from astro_ui.up.site import CHECKOUT
from deployments.provisioners.local import LocalProvisioner
from deployments.provisioners.local.settings import Place
from tests.boot.running import Console, clean_environment, free_port
from tests.deploys.packing import tar_gz
from tests.faults.rows import Rows

EMAIL = "olivia@example.com"
SETTLE_SECONDS = 120.0


class World:
    def __init__(self, data: Path, base_url: str) -> None:
        self.data = data
        self.base_url = base_url
        self.rows = Rows(data)
        self.clock_ahead = 0
        """Seconds; PostgreSQL's clock stays right."""
        places = Places(data)
        self.agent = LocalProvisioner(places.sockets / "agent.sock")
        self._control = control_socket(places)
        self.environment = clean_environment(data) | {
            "ASTRO_UI_BASE_URL": base_url,
            "ASTRO_UI_AGENT_SOCKET": str(places.sockets / "agent.sock"),
        }
        """Of a process that is to work with this console."""
        command = ["manage.py", "bootstrap", "--json", "--email", EMAIL, "--organization", "Acme"]
        made = json.loads(_python(self.environment, *command))
        session = _python(self.environment, "-m", "tests.faults.session", EMAIL)
        name, _, value = session.partition("=")
        self.line = Browser({"localhost": {name: value.strip()}})
        self._workspace_id = made["workspaceId"]
        self._organization = f"{base_url}/v1/organizations/{made['organizationId']}"
        self.headers = {"Authorization": f"Bearer {made['token']}"}

    def close(self) -> None:
        self.rows.close()

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
        ((former,),) = self.rows.query(query, deployment_id, deployment_id)
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

    def shown(self, deployment_id: str) -> tuple[str, ...]:
        """What a page of the Deployment is about: its state, and what it serves."""
        url = f"{self._organization}/deployments/{deployment_id}"
        answer = self.line.ask("GET", url, headers=self.headers)
        if answer.status == 404:
            return ("gone",)
        if answer.status != 200:
            raise RuntimeError(f"{url} answers {answer.status}")
        facts = answer.json()
        names = ("status", "statusReason", "dagTarballVersion", "desiredDagTarballVersion")
        return tuple(str(facts.get(name)) for name in names)

    def press_retry(self, deployment_id: str) -> None:
        """The button of the page, which must be there."""
        target = f"/deployments/{deployment_id}/retry/"
        if target not in self.page(deployment_id):
            raise RuntimeError("the page offers no retry")
        token = self.line.cookies["localhost"]["astro_ui_csrf"]
        answer = self.line.ask("POST", self.base_url + target, headers={"X-CSRFToken": token})
        if answer.status not in {200, 302}:
            raise RuntimeError(f"retry answers {answer.status}")

    def settle(self, deployments: Sequence[str], status: str) -> None:
        """Wait until each is as wished, with this status."""

        def is_settled(deployment_id: str) -> bool:
            try:
                row = self.rows.of(deployment_id)
            except psycopg.Error:
                return False  # the last fault may have cut the line
            return row.is_settled and row.status == status

        for each in deployments:
            until(lambda each=each: is_settled(each), f"{each} {status}", seconds=SETTLE_SECONDS)  # type: ignore[misc]

    # What can be seen from outside

    def gate(self, deployment_id: str, step: str) -> Path:
        """A file that lets the stand-in wait in this step of this Deployment while it is there."""
        folder = self.data / "hold"
        folder.mkdir(exist_ok=True)
        return folder / f"{deployment_id}.{step}"

    def place(self, deployment_id: str) -> Place:
        return Place(self.data / "cluster/deployments" / deployment_id, self.data / "run")

    def part(self, name: str) -> int:
        """The process id of one part of the console, once it runs; `console` supervises them."""
        if name == "console":
            return int((self.data / "run/supervisor.pid").read_text(encoding="utf-8"))
        return int(self.supervisor("getProcessInfo", name)["pid"])

    def supervisor(self, method: str, *arguments: object) -> Any:
        """Ask the console's supervisor."""
        transport = SupervisorTransport(serverurl=f"unix://{self._control}")
        try:
            proxy: Any = ServerProxy("http://127.0.0.1", transport=transport).supervisor
            return getattr(proxy, method)(*arguments)
        finally:
            transport.close()

    def wait_until_whole(self) -> None:
        """Until every part answers, as before any fault."""

        def is_whole() -> bool:
            is_ready = self.line.ask("GET", f"{self.base_url}/readyz").status == 200
            return is_ready and not any(each.startswith("Error") for each in self.agent.check())

        until(is_whole, "a whole console", seconds=120, every=0.2)


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
