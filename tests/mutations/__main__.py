"""`./console test --mutate [ARGUMENT ...]`: arguments go to pytest; else the quick rooms."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.mutations.equivalent import reason
from tests.mutations.switch import FOLDER

FIRST = ("tests/access", "tests/architecture/test_routes.py")
"""Every action and every address refuses there, so most guards are missed at once."""
ROOMS = (
    "workspaces", "installation", "deploys", "api", "gateway", "airflow", "deployments", "accounts",
)  # fmt: skip
_STOPPED = pytest.ExitCode.INTERRUPTED
"""How pytest ends once every guard is missed."""
QUICK = (
    *("-m", "not (airflow or browser or slow or matrix)"),
    "--ignore=tests/api/test_fuzz.py",  # thousands of calls in one test
)


def main(arguments: list[str]) -> int:
    """0 where every guard that a test came past was missed by one."""
    given = [each for each in arguments if each != "--mutate"]
    chosen = given or ["-n", "2", *QUICK, *FIRST, *(f"tests/{room}" for room in ROOMS)]
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("known", "tried", "missed"):
            (Path(folder) / kind).mkdir()
        command = (sys.executable, "-m", "pytest", "-p", "tests.mutations.plugin", "-q", *chosen)
        code = subprocess.run(command, env=os.environ | {FOLDER: folder}).returncode
        known, tried, missed = (_read(Path(folder) / k) for k in ("known", "tried", "missed"))
    equivalent = {guard for guard in known if reason(guard)}
    for title, guards in (
        ("Missed although said to be equivalent", equivalent & missed),
        ("No test misses", tried - missed - equivalent),
        ("Refuses in no test", known - tried - equivalent),
    ):
        for guard in sorted(guards):
            print(f"{title}: {guard}")
    print(
        f"{len(known)} guards: {len(missed)} missed by a test when removed, "
        f"{len(equivalent)} equivalent, {len(known - missed - equivalent)} open"
    )
    return (code if code != _STOPPED else 0) or int(known != missed | equivalent)


def _read(folder: Path) -> set[str]:
    return {path.read_text().splitlines()[0] for path in folder.iterdir()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
