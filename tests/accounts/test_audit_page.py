"""The audit log of an Organization: found by actor, action, outcome, object and day."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from access.roles import Role
from accounts.models import Organization, OrganizationRoleBinding, User
from accounts.services import members, organizations
from tests import factories


@pytest.fixture
def book(olivia: User, mia: User, acme: Organization) -> None:
    actor = factories.actor(olivia)
    with mock.patch("django.utils.timezone.now", return_value=datetime(2026, 3, 4, 12, tzinfo=UTC)):
        organizations.update_organization(
            acme,
            name="Acme Corp",
            allows_deprecated_runtimes=False,
            audit_retention_days=None,
            api_token_max_days=None,
            actor=actor,
        )
    members.change_member_role(
        OrganizationRoleBinding.objects.get(user=mia),
        role=Role.ORGANIZATION_BILLING_ADMIN,
        actor=actor,
    )


def shown(client: Client, acme: Organization, asked: str = "") -> list[str]:
    answer = client.get(reverse("accounts:audit", args=[acme.pk]) + asked)
    assert answer.status_code == 200
    return [entry.row.action for entry in answer.context["entries"]]


@pytest.mark.usefixtures("book")
def test_filters_stand_in_the_address(
    client: Client, olivia: User, mia: User, acme: Organization
) -> None:
    client.force_login(olivia)
    role, rename = "accounts.change_member_role", "accounts.update_organization"

    assert shown(client, acme) == [role, rename]
    assert shown(client, acme, "?sort=at") == [rename, role]
    assert shown(client, acme, f"?action={role}") == [role]
    assert shown(client, acme, f"?actor={olivia.pk}") == [role, rename]
    assert shown(client, acme, f"?actor={mia.pk}") == []
    assert shown(client, acme, "?outcome=REFUSED") == []
    assert shown(client, acme, "?object=Organization") == [rename]
    assert shown(client, acme, "?from=2026-03-04&to=2026-03-04") == [rename]
    assert shown(client, acme, "?to=2026-03-03") == []
    assert shown(client, acme, "?q=mia") == [role]


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    "asked",
    ["?from=9999-12-31", "?to=9999-12-31", "?from=x", "?to=2026-02-31", "?actor=%00", "?after=x"],
)
def test_a_strange_address_is_no_error(
    client: Client, olivia: User, acme: Organization, asked: str
) -> None:
    client.force_login(olivia)

    shown(client, acme, asked)


@pytest.mark.usefixtures("book")
def test_before_and_after_stand_beside_each_other(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)

    text = client.get(reverse("accounts:audit", args=[acme.pk])).content.decode()

    assert "ORGANIZATION_MEMBER</del>" in text
    assert "ORGANIZATION_BILLING_ADMIN</ins>" in text


@pytest.mark.usefixtures("book")
def test_rows_of_another_organization_are_not_in_it(
    client: Client, oscar: User, umbrella: Organization
) -> None:
    client.force_login(oscar)

    assert shown(client, umbrella) == []
