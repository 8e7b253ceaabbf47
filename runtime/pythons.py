"""Which Python on this machine can carry a runtime."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runtime.catalogue import RuntimeRelease

_FOLDERS = (Path("/usr/bin"), Path("/usr/local/bin"))
_PYENV = Path(".pyenv/versions")


@dataclass(frozen=True)
class PythonChoice:
    """An interpreter, or the reason why there is none."""

    path: Path | None
    version: str
    """For example `3.11`; empty without an interpreter."""
    reason: str = ""


def find_python(release: RuntimeRelease, *, shared: bool | None = None) -> PythonChoice:
    """Choose the best interpreter for which a dependency lock exists.

    With `shared` (the default for root) one that other users can run: a Deployment has an
    operating-system user of its own, who cannot look into root's home.
    """
    if not release.python_versions:
        return PythonChoice(
            None, "", "This build carries no dependency lock, so it cannot be built here."
        )
    must_share = os.geteuid() == 0 if shared is None else shared
    private: Path | None = None
    for version in release.python_versions:
        for candidate in _candidates(version):
            if not _is_usable(candidate, version):
                continue
            if not must_share or is_readable_by_all(candidate.resolve()):
                return PythonChoice(candidate, version)
            private = candidate
    return PythonChoice(None, "", _reason(release, private))


def is_readable_by_all(path: Path) -> bool:
    """Can every user of this machine run the file, with all folders above it?"""
    wanted = stat.S_IROTH | stat.S_IXOTH
    return path.stat().st_mode & wanted == wanted and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in path.parents
    )


def _candidates(version: str) -> Iterator[Path]:
    name = f"python{version}"
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        yield Path(sys.base_prefix) / "bin" / name
    yield from (folder / name for folder in _FOLDERS)
    if found := shutil.which(name):
        yield Path(found)
    yield from sorted((Path.home() / _PYENV).glob(f"{version}.*/bin/{name}"), reverse=True)


@cache
def _is_usable(path: Path, version: str) -> bool:
    """Does it start, as the version that its name says, with the modules that Airflow needs?

    A version manager leaves shims that fail and distributions split the standard library.
    """
    if not path.is_file():
        return False
    probe = "import sys, ssl, sqlite3, ctypes; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [str(path), "-I", "-c", probe], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.stdout.strip() == version


def _reason(release: RuntimeRelease, private: Path | None) -> str:
    wanted = " or ".join(release.python_versions)
    if private:
        return f"{private} can be run by its owner only; install Python {wanted} for every user."
    return f"Python {wanted} is not installed on this machine."
