"""Creating two Deployments at once: what the database lets through once, the second hears of."""

from __future__ import annotations

from importlib import import_module

import pytest

from accounts.models import User
from deployments import services
from deployments.models import Deployment
from deployments.services.create import NewDeployment
from tests import factories
from web.errors import Conflict
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def test_an_address_drawn_twice_at_the_same_moment_says_to_send_it_again(
    science: Workspace, etl: Deployment, olivia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("deployments.services.create")  # `services.create` is its function
    monkeypatch.setattr(module, "new_namespace", lambda: etl.namespace)
    wanted = NewDeployment(name="twin", runtime_version="3.3-8", cluster=factories.memory_cluster())

    with pytest.raises(Conflict, match="same address") as refused:
        services.create(science, wanted=wanted, actor=factories.actor(olivia))
    assert refused.value.remedy == "Send it again: it draws another one."
