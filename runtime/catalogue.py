"""The published runtime builds: which Airflow each carries, until when, and who may use it.

Whether this machine has a Python for one: `runtime.pythons.find_python`. The builds come from the
runtime lifecycle table and the list of yanked builds; a date that was never published for a single
build is None.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

LOCKS = Path(__file__).parent / "locks"
_DATA = Path(__file__).with_name("catalogue.json")
_BUILD = re.compile(r"(\d+)\.(\d+)-(\d+)")
_SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class Channel(StrEnum):
    STABLE = "stable"
    DEPRECATED = "deprecated"


class UnknownRuntimeError(LookupError):
    """No published build has this version."""


@dataclass(frozen=True)
class RuntimeRelease:
    version: str
    airflow_version: str
    channel: Channel
    release_date: date | None
    end_of_maintenance: date
    end_of_basic_support: date | None
    is_lts: bool
    yanked_reason: str
    """Why nobody may create or upgrade to it; empty when it is good."""
    python_versions: tuple[str, ...]
    """The Pythons for which a dependency lock is shipped, best first; empty: cannot be built."""

    @property
    def airflow_major(self) -> int:
        return int(self.airflow_version.partition(".")[0])

    @property
    def default_python(self) -> str:
        """The preferred Python, or nothing when no lock is shipped."""
        return self.python_versions[0] if self.python_versions else ""

    @property
    def is_yanked(self) -> bool:
        return bool(self.yanked_reason)

    @property
    def sort_key(self) -> tuple[int, int, int, int]:
        return sort_key(self.version)

    def is_past_maintenance(self, today: date) -> bool:
        """Maintenance includes its last day."""
        return today > self.end_of_maintenance

    def is_released(self, today: date) -> bool:
        return self.release_date is None or self.release_date <= today

    def lock(self, python_version: str) -> Path:
        """The hashed dependency set for one Python."""
        return LOCKS / f"{self.airflow_version}-py{python_version}.txt"


def sort_key(version: str) -> tuple[int, int, int, int]:
    """Order builds by number; every `X.Y-N` outranks every semver build.

    Raises ValueError for anything else.
    """
    for rank, pattern in ((1, _BUILD), (0, _SEMVER)):
        if match := pattern.fullmatch(version):
            first, second, third = (int(part) for part in match.groups())
            return rank, first, second, third
    raise ValueError(f"{version!r} is not a runtime version")


@cache
def releases() -> tuple[RuntimeRelease, ...]:
    """Every known build, newest first, yanked ones included."""
    rows = json.loads(_DATA.read_text(encoding="utf-8"))
    return tuple(sorted(map(_release, rows), key=lambda each: each.sort_key, reverse=True))


def get(version: str) -> RuntimeRelease:
    """Find one build. Raises UnknownRuntimeError."""
    for release in releases():
        if release.version == version:
            return release
    raise UnknownRuntimeError(f"Runtime {version} is not in the catalogue.")


def default_release(today: date) -> RuntimeRelease:
    """What a new Deployment gets unless somebody chooses: the newest build that can be built."""
    return next(release for release in releases() if is_offered(release, today=today))


def released_by(release: RuntimeRelease) -> date:
    """The day a build came out; where none was published, that of the newest build before it."""
    before = (each for each in releases() if each.sort_key <= release.sort_key)
    return next(each.release_date for each in before if each.release_date)


def is_offered(
    release: RuntimeRelease, *, today: date, are_deprecated_allowed: bool = False
) -> bool:
    """May a new Deployment use it? A yanked build, or one without a lock, is refused always."""
    if release.is_yanked or not release.python_versions or not release.is_released(today):
        return False
    is_current = release.channel is Channel.STABLE and not release.is_past_maintenance(today)
    return is_current or are_deprecated_allowed


def _release(row: dict[str, str | bool | None]) -> RuntimeRelease:
    airflow = str(row["airflow_version"])
    return RuntimeRelease(
        version=str(row["version"]),
        airflow_version=airflow,
        channel=Channel(str(row["channel"])),
        release_date=_date(row["release_date"]),
        end_of_maintenance=date.fromisoformat(str(row["end_of_maintenance"])),
        end_of_basic_support=_date(row["end_of_basic_support"]),
        is_lts=bool(row["is_lts"]),
        yanked_reason=str(row["yanked_reason"]),
        python_versions=_locked_pythons(airflow),
    )


def _date(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _locked_pythons(airflow: str) -> tuple[str, ...]:
    prefix = f"{airflow}-py"
    found = [path.stem.removeprefix(prefix) for path in LOCKS.glob(f"{prefix}*.txt")]
    return tuple(
        sorted(found, key=lambda each: [int(part) for part in each.split(".")], reverse=True)
    )
