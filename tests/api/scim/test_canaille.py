"""A provider that pushes by itself: what changes in Canaille has changed here a moment later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import (
    Organization,
    OrganizationRoleBinding,
    ProvisionedUser,
    Team,
    TeamMembership,
    User,
)
from tests import canaille
from tests.api.scim.conftest import Provider
from tests.canaille import Canaille

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pushing(idp: Provider, live_server: LiveServer, settings: Settings) -> Iterator[Canaille]:
    """It tells Acme of its people: jane and max, who are new.

    It waits 5 s for an answer and tells nobody that none came, so the first one is not the push's.
    """
    settings.BASE_URL = live_server.url
    requests.get(f"{live_server.url}{idp.base}/Schemas", timeout=60)
    with canaille.installed() as made:
        made.push_to(f"{live_server.url}{idp.base}", bearer=idp.bearer.removeprefix("Bearer "))
        made.create_user("jane", email="jane@example.com", full_name="Jane Doe")
        made.create_user("max", email="max@example.com", full_name="Max Muster")
        yield made


def members(organization: Organization) -> set[str]:
    rows = OrganizationRoleBinding.objects.filter(organization=organization, user__isnull=False)
    return set(rows.values_list("user__email", flat=True))


def inside(name: str) -> set[str]:
    rows = TeamMembership.objects.filter(team__name=name)
    return set(rows.values_list("user__email", flat=True))


def test_its_people_and_groups_come_change_and_go(pushing: Canaille, acme: Organization) -> None:
    jane = ProvisionedUser.objects.get(user_name="jane")
    assert (jane.email, jane.full_name, jane.is_active) == ("jane@example.com", "Jane Doe", True)
    assert members(acme) == {"jane@example.com", "max@example.com"}

    pushing.manage("set", "user", "jane", "--quiet", "--formatted-name", "Jane Smith")
    assert User.objects.get(email="jane@example.com").full_name == "Jane Smith"

    pushing.manage(
        "create", "group", "--quiet", "--display-name", "analysts", "--members", "jane"
    )  # fmt: skip
    assert Team.objects.get(organization=acme).is_idp_managed
    assert inside("analysts") == {"jane@example.com"}

    pushing.manage("set", "group", "analysts", "--quiet", "--members", "jane", "--members", "max")
    assert inside("analysts") == {"jane@example.com", "max@example.com"}

    pushing.manage("set", "group", "analysts", "--quiet", "--members", "max")
    assert inside("analysts") == {"max@example.com"}

    pushing.manage("set", "user", "jane", "--quiet", "--lock-date", "2026-01-01T00:00:00+00:00")
    assert not ProvisionedUser.objects.get(user_name="jane").is_active
    assert members(acme) == {"max@example.com"}

    # It tells whom the members of a group would let know of it: of an empty one, nobody
    pushing.manage("set", "group", "analysts", "--quiet", "--members", "")
    assert inside("analysts") == {"max@example.com"}
    pushing.manage("set", "group", "analysts", "--quiet", "--members", "max")
    pushing.manage("delete", "group", "--display-name", "analysts", "--noconfirm")
    assert not Team.objects.exists()

    pushing.manage("delete", "user", "--user-name", "max", "--noconfirm")
    assert not ProvisionedUser.objects.filter(user_name="max").exists()
    assert members(acme) == set()
