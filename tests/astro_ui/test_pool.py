"""The console finds its database soon after it is back, however long it was away."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from psycopg_pool import ConnectionPool, PoolTimeout

from astro_ui import parts
from astro_ui.bench.waiting import until
from astro_ui.environment import Environment

AWAY_SECONDS = 8.0
"""The library's own attempts of one series come 1, 3, 7 and 15 s after the first."""
LATE_SECONDS = 3.0


@pytest.mark.django_db
def test_a_database_that_was_away_for_long_is_found_soon(tmp_path: Path) -> None:
    there: dict[str, Any] = connection.get_connection_params()
    nowhere = {**there, "host": str(tmp_path)}
    usual = parts.database(Environment(), tmp_path, is_prepared=True)["OPTIONS"]["pool"]
    is_back = False

    with ConnectionPool(
        kwargs=lambda: there if is_back else nowhere, **{**usual, "timeout": 0.5}
    ) as pool:

        def is_found() -> bool:
            try:
                pool.putconn(pool.getconn())
            except PoolTimeout:
                return False
            return True

        end = time.monotonic() + AWAY_SECONDS
        until(lambda: time.monotonic() > end or is_found(), "the end of its absence")
        assert not is_found()
        is_back = True
        began = time.monotonic()
        until(is_found, "a connection", seconds=60)
    assert time.monotonic() - began < LATE_SECONDS
