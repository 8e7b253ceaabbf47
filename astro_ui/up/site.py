"""What one `up` was asked for: where the data is, which address it answers, what it brings."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from astro_ui.embedded import Places
from astro_ui.embedded.leftovers import MARK
from astro_ui.embedded.places import write_private
from astro_ui.environment import Environment

CHECKOUT = Path(__file__).resolve().parent.parent.parent
_ADDRESSES = ("ASTRO_UI_BASE_URL", "ASTRO_UI_INTERNAL_URL")
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@dataclass(frozen=True)
class Site:
    places: Places
    host: str
    port: int

    @property
    def brings_postgres(self) -> bool:
        """The local cluster needs a server to make databases in, even when the console does not."""
        env = Environment()
        return not (env.text("DATABASE_URL") and env.text("ASTRO_UI_CLUSTER_DATABASE_URL"))

    @property
    def brings_redis(self) -> bool:
        return not Environment().text("REDIS_URL")

    @property
    def internal_url(self) -> str:
        """Where processes on this machine reach the console."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What people type: `localhost`, since each Airflow has a name below it."""
        local = {"127.0.0.1", "::1", "localhost", *_EVERYWHERE}
        host = "localhost" if self.host in local else self.host
        return os.environ.get("ASTRO_UI_BASE_URL") or f"http://{host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """For every process of the console; it marks them as of this data directory."""
        return {
            "ASTRO_UI_INTERNAL_URL": self.internal_url,
            "ASTRO_UI_AGENT_SOCKET": str(self.places.sockets / "agent.sock"),
            **os.environ,
            "ASTRO_UI_BASE_URL": self.base_url,
            "ASTRO_UI_DATA": str(self.places.data),
            "DJANGO_SETTINGS_MODULE": "astro_ui.settings",
            "PYTHONUNBUFFERED": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(self.places.metrics),
            # `./console check` runs Django's checks; in each worker they cost 1 s and 8 MB
            "CELERY_SKIP_CHECKS": "1",
            "PYTHONPATH": str(CHECKOUT),
            MARK: str(self.places.data),
        }

    def remember(self) -> None:
        """Let commands of another terminal write links that lead here."""
        settings = {name: self.environment()[name] for name in _ADDRESSES}
        write_private(_memory(self.places.data), json.dumps(settings))


def recall(data: Path) -> None:
    """Adopt the addresses of the last `up` on `data`; what the environment says wins."""
    os.environ.setdefault("ASTRO_UI_AGENT_SOCKET", str(Places(data).sockets / "agent.sock"))
    path = _memory(data)
    if path.exists():
        for name, value in json.loads(path.read_text(encoding="utf-8")).items():
            os.environ.setdefault(name, value)


def data_directory() -> Path:
    return Path(os.environ.get("ASTRO_UI_DATA") or CHECKOUT / "var").resolve()


def _memory(data: Path) -> Path:
    return data / "run" / "addresses.json"
