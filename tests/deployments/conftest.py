"""A Deployment that the memory backend really runs, besides the cast."""

from __future__ import annotations

import pytest

from accounts.models import User
from deployments import services
from deployments.models import Deployment
from deployments.services.create import NewDeployment
from tests import factories
from tests.deployments.driving import settle
from workspaces.models import Workspace


@pytest.fixture
def new(science: Workspace, oliver: User) -> Deployment:
    """Just created by oliver; nothing was done for it yet."""
    wanted = NewDeployment(name="etl", runtime_version="3.3-8", cluster=factories.memory_cluster())
    return services.create(science, wanted=wanted, actor=factories.actor(oliver))


@pytest.fixture
def running(new: Deployment) -> Deployment:
    """Healthy, with five components."""
    return settle(new)
