"""A real console for a test, as `./console up` starts it on an empty data directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astro_ui.bench.stage import running_console

_OF_THE_TESTS = ("DATABASE_URL", "REDIS_URL", "ASTRO_UI_CLUSTER_DATABASE_URL")


@contextmanager
def fresh_console() -> Iterator[dict[str, str]]:
    """Started as a stranger would find it: its own PostgreSQL and Redis, nobody set up.

    Yields the environment that leads to it. `ASTRO_UI_TEST_ENVIRONMENTS` names a folder with
    Airflow environments that were built before.
    """
    built = os.environ.get("ASTRO_UI_TEST_ENVIRONMENTS")
    outer = {name: os.environ.pop(name, None) for name in _OF_THE_TESTS}
    try:
        with running_console() as environment:
            if built:
                _share(Path(environment["ASTRO_UI_DATA"]) / "cluster", built)
            yield environment
    finally:
        os.environ.update({name: value for name, value in outer.items() if value is not None})


def _share(cluster: Path, built: str) -> None:
    cluster.mkdir(mode=0o711, exist_ok=True)
    environments = cluster / "environments"
    if environments.is_dir():
        environments.rmdir()
    environments.symlink_to(built)
