"""One PostgreSQL server for all suites over the local backend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.provisioners.cluster import postgres


@pytest.fixture(scope="session")
def cluster_database() -> Iterator[str]:
    with postgres() as url:
        yield url
