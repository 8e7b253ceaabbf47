"""`./console test --swaps [ARGUMENT ...]`: 100,000 calls; arguments go to pytest."""

from __future__ import annotations

import os
import subprocess
import sys

MOST = "100000"


def main(arguments: list[str]) -> int:
    given = [each for each in arguments if each != "--swaps"]
    command = (sys.executable, "-m", "pytest", "-q", "-s", "tests/tenants", *given)
    calls = os.environ.get("ASTRO_UI_SWAPPED_CALLS", MOST)
    return subprocess.run(command, env=os.environ | {"ASTRO_UI_SWAPPED_CALLS": calls}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
