"""A whole console of its own for one benchmark: fresh data directory, `up`, an Owner, a token."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astro_ui.bench.browser import Browser
from astro_ui.bench.waiting import until
from astro_ui.embedded.places import free_port
from deployments.provisioners.local import lifeline

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def running_console(data: Path | None = None, *, port: int = 0) -> Iterator[dict[str, str]]:
    """Start `up`, on an empty data directory unless one is named; yields the way to it.

    The data directory is removed with it. The way is the environment of a process that is to
    work with this console.
    """
    data = data or Path(tempfile.mkdtemp(prefix="astro-ui-bench-"))
    data.chmod(0o711)
    port = port or free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ASTRO_UI_")
    } | {"ASTRO_UI_DATA": str(data), "ASTRO_UI_BASE_URL": f"http://localhost:{port}"}
    line, held = lifeline.hold()
    log = data / "up.log"
    with log.open("wb") as output:
        up = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            cwd=CHECKOUT,
            env=environment | held,
            pass_fds=(line,),
            stdout=output,
            stderr=output,
        )
    try:
        url = f"http://localhost:{port}/livez"
        until(lambda: Browser().ask("GET", url).status == 200, "the console answering")
        yield environment | {"ASTRO_UI_BENCH_UP": str(up.pid)}
    finally:
        up.send_signal(signal.SIGINT)
        try:
            up.wait(90)
        except subprocess.TimeoutExpired:
            up.kill()
        shutil.rmtree(data, ignore_errors=True)


@dataclass
class Stage:
    """An Organization with an Owner, who is signed in, and a token that may do everything."""

    base_url: str
    organization_id: str
    workspace_id: str
    token: str
    browser: Browser

    @classmethod
    def set(cls) -> Stage:
        """Make them in the console whose data directory the settings name."""
        from importlib import import_module

        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

        from access.actor import Origin, system
        from access.ids import cuid
        from access.roles import Role
        from accounts.middleware import person
        from accounts.models import Organization, OrganizationRoleBinding, User
        from accounts.services import organization_tokens
        from workspaces import services as workspaces

        owner = User.objects.create_user(f"{cuid()}@example.com", cuid(), full_name="Bench")
        organization = Organization.objects.create(name="Bench")
        OrganizationRoleBinding.objects.create(
            organization=organization, user=owner, role=Role.ORGANIZATION_OWNER
        )
        workspace = workspaces.create(
            organization, name="Bench", actor=person(owner, Origin(door="cli"))
        )
        token = organization_tokens.create_token(
            organization, name="bench", role=Role.ORGANIZATION_OWNER, actor=system("bench")
        )
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = owner.pk
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
        session.create()
        browser = Browser({"localhost": {settings.SESSION_COOKIE_NAME: session.session_key}})
        return cls(settings.BASE_URL, organization.pk, workspace.pk, token.value, browser)

    @property
    def api(self) -> str:
        return f"{self.base_url}/v1/organizations/{self.organization_id}"

    def v1(self, method: str, path: str, content: Any = None) -> Any:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return self.browser.call(method, f"{self.api}/{path}", content, bearer)

    def create(self, name: str, *, runtime: str = "3.3-8", executor: str = "LOCAL") -> str:
        """Wish for a Deployment, as its page does; answers its id at once."""
        from access.actor import system
        from deployments import services
        from deployments.models import Cluster
        from deployments.services.create import NewDeployment
        from workspaces.models import Workspace

        wanted = NewDeployment(
            name=name,
            runtime_version=runtime,
            cluster=Cluster.objects.get(name="local"),
            executor=executor,
        )
        workspace = Workspace.objects.get(pk=self.workspace_id)
        return services.create(workspace, wanted=wanted, actor=system("bench")).pk

    def await_healthy(self, deployment_id: str) -> None:
        def look() -> bool:
            status = self.v1("GET", f"deployments/{deployment_id}")["status"]
            if status == "UNHEALTHY":
                raise SystemExit(f"{deployment_id} became unhealthy")
            return bool(status == "HEALTHY")

        until(look, "the Deployment becoming healthy", seconds=300)

    def deploy(self, deployment_id: str, files: Mapping[str, str]) -> str:
        """Create, upload, finalize; answers the deploy's id."""
        path = f"deployments/{deployment_id}/deploys"
        made = self.v1("POST", path, {"type": "DAG_ONLY", "description": "bench"})
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"}
        sent = self.browser.ask("PUT", made["dagsUploadUrl"], body=_archive(files), headers=headers)
        version = sent.headers["x-ms-version-id"]
        self.v1("POST", f"{path}/{made['id']}/finalize", {"dagTarballVersion": version})
        return str(made["id"])

    def delete(self, deployment_id: str) -> None:
        from access.actor import system
        from deployments import services
        from deployments.models import Deployment

        deployment = Deployment.objects.get(pk=deployment_id)
        services.delete(deployment, typed_name=deployment.name, actor=system("bench"))
        gone = Deployment.objects.filter(pk=deployment_id, status="DELETED")
        until(gone.exists, "the Deployment being deleted")


def airflow_url(deployment_id: str) -> str:
    """The public address of its Airflow, with a trailing slash."""
    from deployments import spec
    from deployments.models import Deployment

    return spec.airflow_url(Deployment.objects.get(pk=deployment_id))


def _archive(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
