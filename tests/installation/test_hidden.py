"""What is asked about the installation is answered to its operators alone, whichever page asks."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from access.actor import Actor
from accounts.models import Organization, User
from deployments.models import Deployment
from installation import queries, tenants
from tests import factories
from web.errors import NotFound

ASKED: dict[str, Callable[[Actor, Any], Any]] = {
    "operators": lambda actor, _: queries.operators(actor),
    "organizations": lambda actor, _: queries.organizations(actor),
    "organization": lambda actor, world: queries.organization(actor, world.acme.pk),
    "deployment": lambda actor, world: queries.deployment(actor, world.etl.pk),
    "operations": lambda actor, _: queries.running_operations(actor),
    "log": lambda actor, _: queries.log(actor),
    "contents": lambda actor, world: tenants.contents(actor, world.acme),
    "history": lambda actor, world: tenants.history(actor, world.etl),
}


@pytest.mark.parametrize("asked", ASKED)
def test_to_an_owner_it_is_not_there(
    asked: str, acme: Organization, etl: Deployment, olivia: User, opal: User
) -> None:
    world = SimpleNamespace(acme=acme, etl=etl)

    ASKED[asked](factories.actor(opal), world)
    with pytest.raises(NotFound):
        ASKED[asked](factories.actor(olivia), world)


def test_what_is_gone_is_said_to_be_gone(opal: User, acme: Organization, etl: Deployment) -> None:
    Deployment.objects.update(status="DELETED")

    with pytest.raises(NotFound, match="no such Deployment"):
        queries.deployment(factories.actor(opal), etl.pk)
