"""`./console test --mutate [ARGUMENT ...]`: arguments go to pytest; else the quick rooms."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutations.plugin import FOLDER

ROOMS = ("access", "accounts", "workspaces", "installation", "deployments", "deploys", "api")
QUICK = (
    *("-m", "not (airflow or browser or slow or matrix)"),
    "--ignore=tests/api/test_fuzz.py",  # thousands of calls in one test
)


def main(arguments: list[str]) -> int:
    """0 where every guard that a test came past was missed by one."""
    given = [each for each in arguments if each != "--mutate"]
    chosen = given or ["-n", "2", *QUICK, *(f"tests/{room}" for room in ROOMS)]
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("known", "tried", "missed"):
            (Path(folder) / kind).mkdir()
        command = (sys.executable, "-m", "pytest", "-p", "tests.mutations.plugin", "-q", *chosen)
        code = subprocess.run(command, env=os.environ | {FOLDER: folder}).returncode
        known, tried, missed = (_read(Path(folder) / k) for k in ("known", "tried", "missed"))
    for title, guards in (
        ("No test misses", tried - missed),
        ("Refuses in no test", known - tried),
    ):
        for guard in sorted(guards):
            print(f"{title}: {guard}")
    print(f"{len(known)} guards, {len(tried)} at work in a test, {len(missed)} missed by one")
    return code or int(known != missed)


def _read(folder: Path) -> set[str]:
    return {path.read_text().splitlines()[0] for path in folder.iterdir()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
