"""What the forms offer, with the words that help to choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from deployments.models import Deployment
from deployments.spec import PARALLELISM
from runtime import catalogue, pythons
from runtime.catalogue import RuntimeRelease


@dataclass(frozen=True)
class Choice:
    """One card of a group; `reason` says why it cannot be chosen."""

    value: str
    title: str
    help: str
    badge: str = ""
    is_checked: bool = False
    reason: str = ""

    @property
    def is_disabled(self) -> bool:
        return bool(self.reason)


@dataclass(frozen=True)
class Size:
    """A scheduler size, with the resources and the guide of the reference's table."""

    value: str
    title: str
    cpu: str
    memory: str
    guide: str
    parallelism: int
    is_checked: bool


_SIZES = (
    ("SMALL", "Small", "1 vCPU", "2 GB", "Up to about 50 DAGs"),
    ("MEDIUM", "Medium", "2 vCPU", "4 GB", "Up to about 250 DAGs"),
    ("LARGE", "Large", "4 vCPU", "8 GB", "Up to about 1,000 DAGs"),
    ("EXTRA_LARGE", "Extra large", "", "", "More than 1,000 DAGs"),
)
_EXECUTORS = (
    (
        Deployment.Executor.LOCAL,
        "Local",
        "Tasks run beside the scheduler. The lightest: no worker of its own.",
    ),
    (
        Deployment.Executor.CELERY,
        "Celery",
        "Tasks run on a worker that takes them from the queue named default.",
    ),
    (
        Deployment.Executor.ASTRO,
        "Astro",
        "Asked for by a program; it runs as Local on this console.",
    ),
)
_OFFERED = (Deployment.Executor.LOCAL, Deployment.Executor.CELERY)


def runtimes(*, allows_deprecated: bool, chosen: str) -> list[Choice]:
    """The builds on offer, newest first; one whose Python is absent says so."""
    today = datetime.now(tz=UTC).date()
    offered = [
        release
        for release in catalogue.releases()
        if catalogue.is_offered(release, today=today, are_deprecated_allowed=allows_deprecated)
    ]
    return [_runtime(release, today, chosen) for release in offered]


def default_runtime() -> str:
    """The newest build that this machine can carry, or nothing."""
    offered = runtimes(allows_deprecated=False, chosen="")
    return next((choice.value for choice in offered if not choice.is_disabled), "")


def executors(chosen: str) -> list[Choice]:
    """Those on offer, and Astro only where a program has chosen it."""
    return [
        Choice(value, title, help_text, is_checked=value == chosen)
        for value, title, help_text in _EXECUTORS
        if value in (chosen, *_OFFERED)
    ]


def sizes(chosen: str) -> list[Size]:
    return [
        Size(value, title, cpu, memory, guide, PARALLELISM[value], is_checked=value == chosen)
        for value, title, cpu, memory, guide in _SIZES
    ]


def _runtime(release: RuntimeRelease, today: date, chosen: str) -> Choice:
    return Choice(
        value=release.version,
        title=f"Airflow {release.airflow_version}",
        help=f"Runtime {release.version}. {' '.join(_ends(release, today))}",
        badge="LTS" if release.is_lts else "",
        is_checked=release.version == chosen,
        reason=pythons.find_python(release).reason,
    )


def _ends(release: RuntimeRelease, today: date) -> Iterator[str]:
    if release.is_past_maintenance(today):
        yield f"Deprecated: maintenance ended on {_day(release.end_of_maintenance)}."
    else:
        yield f"Maintained until {_day(release.end_of_maintenance)}."
    if release.end_of_basic_support:
        yield f"Basic support until {_day(release.end_of_basic_support)}."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
