from __future__ import annotations

from collections.abc import Iterator

import pytest

from deployments.models import Deployment
from tests.airflow.server import FakeAirflow


@pytest.fixture(params=[3, 2], ids=["airflow 3", "airflow 2"])
def each_airflow(request: pytest.FixtureRequest) -> Iterator[FakeAirflow]:
    """Both majors, one after the other."""
    made = FakeAirflow(major=request.param)
    yield made
    made.close()


@pytest.fixture
def airflow() -> Iterator[FakeAirflow]:
    made = FakeAirflow()
    yield made
    made.close()


@pytest.fixture
def etl(etl: Deployment, airflow: FakeAirflow) -> Deployment:
    """prod-etl with an Airflow 3 that answers."""
    etl.endpoint = airflow.endpoint
    etl.save()
    return etl
