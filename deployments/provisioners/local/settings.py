"""Where the agent keeps things, and what it may use of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .processes import cluster_mark, marks

DEFAULT_PORTS = "18000-18999"
DEFAULT_UIDS = "200000-299999"
SHARE_UNISOLATED = "ASTRO_UI_SHARE_UNISOLATED"


@dataclass(frozen=True)
class AgentSettings:
    data: Path
    database_url: str = field(repr=False)
    """The administrator's address of the PostgreSQL server for metadata databases."""
    socket: Path
    ports: range
    """Every Deployment takes a block of them, on the loopback address."""
    uids: range
    """Every Deployment takes one as its own user and group, when the agent is root."""
    sweep_seconds: float = 10.0
    """Between two looks for processes that nobody keeps; two looks end them."""
    shares_unisolated: bool = False
    """Whether several Organizations may be together where Deployments are not isolated."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> AgentSettings:
        """Read the `ASTRO_UI_…` variables; raises KeyError or ValueError naming the bad one."""
        data = Path(environ["ASTRO_UI_DATA"]).absolute()
        return cls(
            data=data,
            database_url=environ["ASTRO_UI_CLUSTER_DATABASE_URL"],
            socket=Path(environ.get("ASTRO_UI_AGENT_SOCKET") or data / "run/agent.sock"),
            ports=_range(environ, "ASTRO_UI_AIRFLOW_PORTS", DEFAULT_PORTS),
            uids=_range(environ, "ASTRO_UI_AIRFLOW_UIDS", DEFAULT_UIDS),
            shares_unisolated=_flag(environ, SHARE_UNISOLATED),
        )

    @property
    def cluster(self) -> Path:
        return self.data / "cluster"

    @property
    def environments(self) -> Path:
        return self.cluster / "environments"

    @property
    def deployments(self) -> Path:
        return self.cluster / "deployments"

    def place(self, deployment_id: str) -> Place:
        return Place(self.deployments / deployment_id, self.socket.parent)


@dataclass(frozen=True)
class Place:
    """The folder of one Deployment."""

    root: Path
    run: Path
    """Where the agent's own socket is: private, and with a short path."""

    @property
    def deployment_id(self) -> str:
        return self.root.name

    @property
    def marks(self) -> dict[str, str]:
        """What all its processes have in their environment."""
        return marks(self.deployment_id, cluster_mark(self.root.parents[1]))

    @property
    def record(self) -> Path:
        return self.root / "agent.json"

    @property
    def home(self) -> Path:
        """AIRFLOW_HOME: the only folder that the Deployment's own user can write."""
        return self.root / "home"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def supervisor(self) -> Path:
        return self.root / "supervisor"

    @property
    def deploys(self) -> Path:
        return self.root / "deploys"

    @property
    def current(self) -> Path:
        return self.root / "current"

    @property
    def socket(self) -> Path:
        """Short on purpose: the kernel allows 107 characters."""
        return self.run / f"{self.deployment_id[-12:]}.sock"


def _flag(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() in {"1", "true", "yes"}


def _range(environ: Mapping[str, str], name: str, default: str) -> range:
    first, _, last = (environ.get(name) or default).partition("-")
    try:
        return range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise ValueError(f"{name} must look like {default}") from error
