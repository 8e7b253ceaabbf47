"""`./console test --mutate [ARGUMENT ...]`: arguments go to pytest; else the quick rooms."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.mutations import record
from tests.mutations.equivalent import reason
from tests.mutations.switch import FOLDER

FIRST = ("tests/access", "tests/architecture/test_routes.py")
"""Every action and every address refuses there, so most guards are missed at once."""
ROOMS = (
    "workspaces", "installation", "deploys", "api", "gateway", "airflow", "deployments", "accounts",
    "web",
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
    is_whole = not any(each.startswith("tests") for each in given)
    chosen = [*given, *QUICK, *FIRST, *(f"tests/{room}" for room in ROOMS)] if is_whole else given
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("known", "tried", "missed"):
            (Path(folder) / kind).mkdir()
        command = (sys.executable, "-m", "pytest", "-p", "tests.mutations.plugin", "-q", *chosen)
        code = subprocess.run(command, env=os.environ | {FOLDER: folder}).returncode
        known, tried = (_read(Path(folder) / kind).keys() for kind in ("known", "tried"))
        by_test = _read(Path(folder) / "missed")
    record.write(by_test, known=known)
    missed = by_test.keys()
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


def _read(folder: Path) -> dict[str, str]:
    """By guard the test that was noted with it, if any."""
    return {
        guard: test for guard, _, test in (f.read_text().partition("\n") for f in folder.iterdir())
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
