"""A real console with a victim, and two Deployments whose authors attack it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import jwt
import psutil

from astro_ui.bench.browser import Browser
from astro_ui.bench.waiting import until
from astro_ui.embedded import cluster_database_url
from deployments.provisioners.local.databases import Databases
from deployments.provisioners.local.record import Record
from tests.deploys.packing import tar_gz
from tests.provisioners.cluster import ROOT

ATTACK = Path(__file__).with_name("attack")
MINUTES = 60.0


@dataclass
class Author:
    """Somebody with a Deployment of their own."""

    call: Any
    url: str
    airflow: str
    id: str
    data: Path

    @property
    def root(self) -> Path:
        return self.data / "cluster/deployments" / self.id

    @property
    def record(self) -> Record:
        return Record.load(self.root / "agent.json")

    @property
    def port(self) -> int:
        return self.record.first_port

    def await_healthy(self) -> None:
        def look() -> bool:
            return bool(self.call("GET", self.url)["status"] == "HEALTHY")

        until(look, f"{self.id} healthy", seconds=10 * MINUTES, every=0.5)

    def deploy(self, files: dict[str, bytes]) -> None:
        made = self.call("POST", f"{self.url}/deploys", {"type": "DAG_ONLY"})
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"}
        sent = Browser().ask("PUT", made["dagsUploadUrl"], body=tar_gz(files), headers=headers)
        version = {"dagTarballVersion": sent.headers["x-ms-version-id"]}
        self.call("POST", f"{self.url}/deploys/{made['id']}/finalize", version)

    def attack(self, targets: dict[str, Any]) -> dict[str, Any]:
        """Run every attempt as a task of a real run; answers the outcome of each."""
        self.deploy({f"dags/{name}": content for name, content in _files(targets).items()})
        dag = f"{self.airflow}/dags/attack"
        until(lambda: self.call("GET", dag), "the DAG in Airflow", seconds=3 * MINUTES, every=0.5)
        self.call("PATCH", dag, {"is_paused": False})
        is_2 = "/api/v1" in self.airflow
        run = self.call("POST", f"{dag}/dagRuns", {} if is_2 else {"logical_date": None})
        state = f"{dag}/dagRuns/{run['dag_run_id']}"

        def look() -> Any:
            found = self.call("GET", state)["state"]
            return found if found in {"success", "failed"} else None

        assert until(look, "the end of the attack", seconds=8 * MINUTES, every=1) == "success"
        folder = self.root / "home/outcomes"
        return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


@dataclass
class Scene:
    environment: dict[str, str]
    made: dict[str, str]

    @property
    def data(self) -> Path:
        return Path(self.environment["ASTRO_UI_DATA"])

    def call(self, method: str, url: str, body: Any = None) -> Any:
        bearer = {"Authorization": f"Bearer {self.made['token']}"}
        return Browser().call(method, url, body, bearer)

    def create(self, name: str, runtime: str) -> Author:
        organization = f"{self.made['url']}/v1/organizations/{self.made['organizationId']}"
        wish = {"workspaceId": self.made["workspaceId"], "type": "STANDARD", "name": name}
        wish |= {"executor": "LOCAL", "astroRuntimeVersion": runtime}
        made = self.call("POST", f"{organization}/deployments", wish)
        url = f"{organization}/deployments/{made['id']}"
        airflow = f"http://{made['webServerAirflowApiUrl']}"
        return Author(self.call, url, airflow, made["id"], self.data)

    def identity(self, author: Author, audience: str) -> str:
        """A token as the console signs it."""
        key = (self.data / "secrets/identity_key.pem").read_text()
        return jwt.encode(self.claims(author, audience), key, algorithm="EdDSA")

    def claims(self, author: Author, audience: str) -> dict[str, Any]:
        now = int(time.time())
        who = {"sub": "console", "email": "", "name": "console", "role": "Admin"}
        issuer = author.record.spec.identity.issuer
        return {"iss": issuer, "aud": audience, "iat": now, "exp": now + 50, **who}

    def secrets(self, victim: Author) -> list[str]:
        folder = self.data / "secrets"
        names = ("secret_key", "encryption_key", "database_password", "postgres_password")
        own = [(folder / name).read_text().strip() for name in names]
        key = (folder / "identity_key.pem").read_text().splitlines()[1]
        return [*own, key, victim.record.secrets.database_password]

    def processes(self, author: Author) -> list[int]:
        """Everything that `up` has started and that is not the author's own."""
        up = psutil.Process(int(self.environment["ASTRO_UI_BENCH_UP"]))
        below = [up, *up.children(recursive=True)]
        return [each.pid for each in below if _user(each) != author.record.uid]

    def database_url(self, author: Author) -> str:
        server = Databases(cluster_database_url(self.data))
        return server.url(f"airflow_{author.id}", author.record.secrets.database_password)

    def targets(self, author: Author, victim: Author) -> dict[str, Any]:
        """All that an attacker could find out, and more."""
        own = str(author.root)
        environments = str(self.data / "cluster/environments")
        # What every browser gets, and what only this test writes there
        public = self.data / "static", self.data / "up.log"
        outside = [
            path
            for path in _below(self.data)
            if not str(path).startswith((own, environments, *map(str, public)))
        ]
        others = [victim.record.tree.pid] if victim.record.tree else []
        others += [_life(path) for path in (victim.root / "supervisor").glob("*.life")]
        supervisor = [author.record.tree.pid] if author.record.tree else []
        major = "v1" if "/api/v1" in author.airflow else "v2"
        return {
            "data": str(self.data),
            "home": own,
            "database_url": self.database_url(author),
            "private_files": [str(path) for path in outside if path.is_file()],
            "private_folders": [str(path) for path in outside if path.is_dir()],
            "shared_folders": [*_run_by_others(), *_environments(self.data / "cluster"), str(ROOT)],
            "locks": [str(path) for path in _locks(self.data)],
            "own_read_only": [str(path) for path in _trusted(author)],
            "foreign_processes": [*self.processes(author), *others, *supervisor],
            "other_components": others,
            "secrets_reversed": [secret[::-1] for secret in self.secrets(victim)],
            "other_databases": ["astro_ui", "postgres", "template1", f"airflow_{victim.id}"],
            "other_roles": ["astro_ui", "postgres", f"airflow_{victim.id}"],
            "redis_sockets": [str(path) for path in _below(self.data) if path.name == "redis.sock"],
            "sockets": [str(path) for path in outside if path.is_socket()],
            "ports": sorted(_listening()),
            "public_key": str(author.root / "identity.pem"),
            "knocks": [
                self.knock(author, author, f"/api/{major}/dags"),
                self.knock(author, victim, "/api/v2/dags"),
                self.knock(author, victim, "/execution/variables/prize"),
                {**self.knock(author, victim, ""), "url": f"{self.made['url']}/v1/organizations"},
            ],
        }

    def knock(self, author: Author, whom: Author, path: str) -> dict[str, Any]:
        task = {"aud": "urn:airflow.apache.org:task", "sub": "x", "scope": "execution"}
        claims = self.claims(author, whom.id)
        own = {name: value for name, value in claims.items() if name not in {"iat", "exp"}}
        url = f"http://127.0.0.1:{whom.port}{path}"
        return {"url": url, "claims": task if "/execution/" in path else own}


def as_administrator(
    python: Path,
    folder: Path,
    targets: dict[str, Any],
    *,
    secret: str,
    inherited: IO[str],
) -> dict[str, Any]:
    """The same attempts by somebody who may do all of it."""
    for name, content in _files(targets).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [python, "attack.py"],
        env={"MINE": secret},
        cwd=folder,
        pass_fds=[inherited.fileno()],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _files(targets: dict[str, Any]) -> dict[str, bytes]:
    """What the attacker deploys."""
    sources = (
        path for path in ATTACK.rglob("*.py") if path.parent != ATTACK or path.stem != "__init__"
    )
    files = {str(path.relative_to(ATTACK)): path.read_bytes() for path in sources}
    return {**files, "targets.json": json.dumps(targets).encode()}


def _below(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        if Path(path).name == "environments":
            folders.clear()
            continue
        yield from (Path(path, name) for name in (*folders, *files))


def _life(path: Path) -> int:
    return int(path.read_text().split()[-2])


def _run_by_others() -> list[str]:
    folders = ["/etc", "/etc/cron.d", "/usr/local/bin", "/usr/lib/python3", "/root", "/var/cache"]
    return [folder for folder in folders if Path(folder).is_dir()]


def _environments(cluster: Path) -> list[str]:
    shared = (cluster / "environments").resolve()
    inside = [*shared.glob("*/lib/python3*/site-packages"), *shared.glob("*/bin")]
    inside += shared.glob("plugin-*/astro_runtime")
    return [str(path) for path in (shared, *inside)]


def _locks(data: Path) -> list[Path]:
    return [data / "run/up.lock", data / "cluster/agent.lock"]


def _trusted(author: Author) -> list[Path]:
    names = ("", "identity.pem", "labels", "deploys", "current/dags", "current/dags/attack.py")
    return [author.root / name for name in names]


def _listening() -> set[int]:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}


def _user(process: psutil.Process) -> int:
    try:
        return int(process.uids().real)
    except psutil.NoSuchProcess:
        return 0
