"""A cluster of its own for each test of a fault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.provisioners.cluster import Cluster, postgres


@pytest.fixture(scope="session")
def cluster_database() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def cluster(cluster_database: str) -> Iterator[Cluster]:
    cluster = Cluster(cluster_database, "tests.provisioners.standin.agent", "23000-23039")
    cluster.start()
    yield cluster
    cluster.close()
