"""The health of every part, each with its remedy; and what runs here in which version."""

from __future__ import annotations

import http.client
import logging
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from redis import RedisError

from accounts.sso.saml import watching
from deployments import orphans
from deployments.gateway.addresses import OWN_PATH
from web import heartbeats, readiness, spoken
from web.finding import Finding, Verdict, ok, problem, warning

Source = Callable[[], Iterable[Finding]]
_sources: list[Source] = []

log = logging.getLogger(__name__)

_LATE_SECONDS = 30.0
_PATIENCE_SECONDS = 2.0
_WORST_FIRST = (Verdict.PROBLEM, Verdict.WARNING, Verdict.OK)
_RESTART = "It is started again by itself. If it stays so, read {log}."


def register(source: Source) -> None:
    """Have `source` asked too; it may take seconds and uses no connection of Django's."""
    if source not in _sources:
        _sources.append(source)


def findings() -> list[Finding]:
    """All of them, what is wrong first. Takes as long as the slowest part."""
    with ThreadPoolExecutor(max_workers=len(_sources) + 1) as several:
        asked = [several.submit(_asked, source) for source in (*_sources, _gateway)]
        own = [_migrations(), *_processes(), _orphans(), *_certificates()]
        found = [*own, *chain.from_iterable(each.result() for each in asked)]
    return sorted(found, key=lambda each: _WORST_FIRST.index(each.verdict))


def _asked(source: Source) -> list[Finding]:
    """A check that breaks is a finding as well, and hides no other."""
    try:
        return list(source())
    except Exception as error:
        log.exception("a health check broke")
        return [problem("A check", f"broke: {error!r}"[:300], "Read web.log.")]


def _migrations() -> Finding:
    name = "Migrations"
    try:
        readiness.check_migrations()
    except readiness.BehindError:
        return problem(name, "not all applied", "Start again: ./console up applies them.")
    except DatabaseError:
        return problem(name, "unknown while PostgreSQL does not answer", "See PostgreSQL.")
    return ok(name, "all applied")


def _processes() -> Iterator[Finding]:
    try:
        ages = heartbeats.ages()
    except RedisError:
        ages = {}
    for part, name, file in (
        ("worker", "Worker", "worker.log"),
        ("beat", "Beat", "beat.log"),
        ("sweep", "Work in the queue", "worker.log"),
    ):
        yield _alive(name, ages.get(part), settings.DATA_DIR / "logs" / file)


def _orphans() -> Finding:
    """What clusters keep and no Deployment owns; a cluster that is silent hides its own."""
    name = "Orphans"
    try:
        found = orphans.look()
    except DatabaseError:
        return problem(name, "unknown while PostgreSQL does not answer", "See PostgreSQL.")
    if not found:
        return ok(name, "none")
    said = " ".join(f"{each}: {each.verdict}." for each in found)
    return warning(name, said, found[0].remedy)


def _certificates() -> Iterator[Finding]:
    """By which people sign in with SAML: it names no tenant, whose own pages say more."""
    try:
        found = list(watching.ending(timezone.now()))
    except DatabaseError:
        return
    if found:
        soonest = min(each.last.expires_at for each in found)
        yield warning(
            "SAML certificates",
            f"{len(found)} connection{'s' if len(found) > 1 else ''} with no certificate that "
            f"lasts 30 days more, the first to {soonest:%Y-%m-%d}",
            "Owners see which on their page Single sign-on, and get a new one from the provider.",
        )


def _alive(name: str, age: float | None, file: Path) -> Finding:
    remedy = _RESTART.format(log=file)
    if age is None:
        return problem(name, "never gave a sign of life", remedy)
    said = f"last sign of life {spoken.duration(age)} ago"
    return ok(name, said) if age < _LATE_SECONDS else problem(name, said, remedy)


def _gateway() -> Iterator[Finding]:
    """Knock at the door to an Airflow that does not exist; its own style needs nobody's right."""
    name, inner = "Door to the Airflows", urlsplit(settings.INTERNAL_URL)
    outer = urlsplit(settings.AIRFLOW_URL_PATTERN.replace("{namespace}", "health-check"))
    line = http.client.HTTPConnection(
        inner.hostname or "127.0.0.1", inner.port or 80, timeout=_PATIENCE_SECONDS
    )
    try:
        path = f"{outer.path.rstrip('/')}/{OWN_PATH.lstrip('/')}door.css"
        line.request("GET", path, headers={"Host": outer.netloc})
        is_open = line.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        is_open = False
    finally:
        line.close()
    if is_open:
        yield ok(name, "open")
    else:
        remedy = "See that ASTRO_UI_INTERNAL_URL leads to this console; read web.log."
        yield problem(name, f"does not answer at {settings.INTERNAL_URL}", remedy)


@dataclass(frozen=True)
class Disk:
    folder: Path
    total_bytes: int
    free_bytes: int

    @property
    def used_percent(self) -> int:
        return round(100 * (self.total_bytes - self.free_bytes) / self.total_bytes)


def disk() -> Disk:
    """The one that holds the data directory."""
    seen = shutil.disk_usage(settings.DATA_DIR)
    return Disk(settings.DATA_DIR, seen.total, seen.free)


def versions() -> dict[str, str]:
    """What runs here, by name; `unknown` for a part that does not answer."""
    environments = settings.DATA_DIR / "cluster" / "environments"
    built = sorted(path.name for path in environments.iterdir()) if environments.is_dir() else []
    runtimes = [name.rsplit("-", 1)[0] for name in built if name[:1].isdigit()]
    return {
        "Astro UI": settings.VERSION,
        "Python": platform.python_version(),
        "PostgreSQL": _postgres_version(),
        "Redis": _redis_version(),
        "Airflow environments": ", ".join(runtimes) or "none built yet",
    }


def queue_lengths() -> dict[str, int | None]:
    """Messages that wait and those that a worker holds; None while Redis does not answer."""
    try:
        with _redis() as client:
            return {
                "waiting": cast("int", client.llen("celery")),
                "at work": cast("int", client.hlen("unacked")),
            }
    except RedisError:
        return {"waiting": None, "at work": None}


def _postgres_version() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            return str(cursor.fetchone()[0])
    except DatabaseError:
        return "unknown"


def _redis_version() -> str:
    try:
        with _redis() as client:
            return str(cast("dict[str, str]", client.info("server"))["redis_version"])
    except RedisError:
        return "unknown"


def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_PATIENCE_SECONDS, decode_responses=True
    )
