"""`python -m astro_runtime scheduler` is Airflow 2's `airflow scheduler` that follows deploys."""

from __future__ import annotations

import sys

from airflow.__main__ import main

from astro_runtime import follow_deploys_2

if __name__ == "__main__":
    follow_deploys_2.install()
    sys.argv[0] = "airflow"
    main()
