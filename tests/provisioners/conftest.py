"""A cluster of its own for each test of a fault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.provisioners.cluster import Cluster, own_ports, postgres


@pytest.fixture(scope="session")
def cluster_database() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def cluster(cluster_database: str) -> Iterator[Cluster]:
    ports = own_ports(23100, 40)
    cluster = Cluster(cluster_database, "tests.provisioners.standin.agent", ports)
    cluster.start()
    yield cluster
    cluster.close()
