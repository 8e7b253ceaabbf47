"""The console's processes as one table, and supervisord's configuration of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from astro_ui.embedded import Places, postgres, redis
from astro_ui.up.forking import NICENESS
from astro_ui.up.site import CHECKOUT, Site


@dataclass(frozen=True)
class Program:
    name: str
    argv: list[str]
    priority: int
    """Stopped from the highest to the lowest, one after another."""
    stop_seconds: int
    stop_signal: str = "TERM"
    niceness: int = 0
    """Above 0 it gives way to whoever waits for a page."""


_GIVES_WAY = 10
"""On a busy machine a tenth of what the web servers get; on an idle one nothing is lost."""


def parts(site: Site) -> Iterator[Program]:
    """The embedded servers that this site brings; none where real ones are named."""
    if site.brings_postgres:
        # INT is PostgreSQL's fast shutdown, which does not wait for its clients.
        yield Program("postgres", postgres.command(site.places), 10, 60, "INT")
    if site.brings_redis:
        yield Program("redis", redis.command(site.places), 20, 30)


def services(site: Site) -> list[Program]:
    python, celery = sys.executable, "astro_ui.celery"
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    threads = os.environ.get("ASTRO_UI_WORKER_THREADS") or "8"
    worker = [python, "-m", "celery", "--quiet", "-A", celery, "worker", "--pool", "threads"]
    beat = [
        python,
        "-m",
        "celery",
        "--quiet",
        "-A",
        celery,
        "beat",
        "--max-interval",
        "5",
        "--pidfile=",
    ]
    return [
        Program("agent", [python, "-m", "astro_ui.agent"], 30, 90),
        *(Program(name, _web(site), 40, 15) for name in _web_names()),
        Program("worker", [*worker, "--concurrency", threads, *quiet], 50, 30, niceness=_GIVES_WAY),
        Program("beat", beat, 60, 10),
    ]


def configuration(site: Site, programs: list[Program]) -> str:
    """supervisord's file. Commands and folders only: secrets travel by the environment."""
    sections = [_supervisor(site.places), *(_section(site.places, one) for one in programs)]
    return "\n".join(sections)


def _web_names() -> list[str]:
    """`web`, `web-2` and so on: more use more cores, and about 80 MiB each."""
    count = int(os.environ.get("ASTRO_UI_WEB_PROCESSES") or "1")
    return ["web", *(f"web-{number}" for number in range(2, count + 1))]


def _web(site: Site) -> list[str]:
    return [sys.executable, "-m", "astro_ui.serving", site.host, str(site.port)]


def control_socket(places: Places) -> Path:
    return places.sockets / "console.sock"


def _supervisor(places: Places) -> str:
    return f"""[unix_http_server]
file={_plain(control_socket(places))}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[rpcinterface:console]
supervisor.rpcinterface_factory=astro_ui.up.loading:interface

[supervisord]
nodaemon=true
silent=true
directory={_plain(CHECKOUT)}
logfile={_plain(places.logs / "supervisor.log")}
logfile_maxbytes=2MB
logfile_backups=1
pidfile={_plain(places.run / "supervisor.pid")}
childlogdir={_plain(places.logs)}
identifier=astro-ui
umask=022
"""


def _section(places: Places, program: Program) -> str:
    command = " ".join(_quoted(part) for part in program.argv)
    return f"""[program:{program.name}]
command={command}
priority={program.priority}
autostart=false
autorestart=true
startsecs=1
startretries=1000000
stopsignal={program.stop_signal}
stopwaitsecs={program.stop_seconds}
stopasgroup=false
killasgroup=true
environment={NICENESS}="{program.niceness}"
redirect_stderr=true
stdout_logfile={_plain(places.logs / f"{program.name}.log")}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def _plain(path: Path) -> str:
    return str(path).replace("%", "%%")


def _quoted(part: str) -> str:
    """For supervisord, which splits like a shell but expands only `%`."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
