"""`python -m astro_runtime COMMAND …` is `airflow COMMAND …`, mended where deploys need it."""

from __future__ import annotations

import sys
from importlib import import_module

MENDS = {
    "dag-processor": "astro_runtime.follow_deploys",
    "scheduler": "astro_runtime.follow_deploys_2",
}


def main() -> None:
    if mend := MENDS.get(sys.argv[1] if len(sys.argv) > 1 else ""):
        import_module(mend).install()
    sys.argv[0] = "airflow"
    import_module("airflow.__main__").main()


if __name__ == "__main__":
    main()
