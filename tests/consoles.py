"""A real console for a test, as `./console up` starts it on an empty data directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astro_ui.bench.stage import running_console
from tests import environments

_OF_THE_TESTS = ("DATABASE_URL", "REDIS_URL", "ASTRO_UI_CLUSTER_DATABASE_URL")


@contextmanager
def fresh_console() -> Iterator[dict[str, str]]:
    """Started as a stranger would find it: its own PostgreSQL and Redis, nobody set up.

    Yields the environment that leads to it. Only the environments of Airflow are shared.
    """
    outer = {name: os.environ.pop(name, None) for name in _OF_THE_TESTS}
    try:
        with running_console() as environment:
            environments.share(Path(environment["ASTRO_UI_DATA"]) / "cluster")
            yield environment
    finally:
        os.environ.update({name: value for name, value in outer.items() if value is not None})
