"""Pages of an Organization: settings, members, switcher, and what the frame around them shows."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.roles import Role
from accounts.models import Invitation, Organization, OrganizationRoleBinding, User
from audit.record import record
from tests import factories
from workspaces.models import Workspace


def test_the_name_changes_and_the_id_stays(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)

    client.post(
        reverse("accounts:settings", args=[acme.pk]),
        {"name": "Acme Corp", "allows_deprecated_runtimes": "on", "audit_retention_days": "365"},
    )

    renamed = Organization.objects.get(pk=acme.pk)
    assert (renamed.name, renamed.allows_deprecated_runtimes) == ("Acme Corp", True)
    assert renamed.audit_retention_days == 365
    assert acme.pk in client.get(reverse("accounts:settings", args=[acme.pk])).content.decode()


def test_the_last_owner_is_told_why_on_the_page(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)

    role = client.post(
        reverse("accounts:member", args=[acme.pk, olivia.pk]), {"role": "ORGANIZATION_MEMBER"}
    )
    leave = client.post(
        reverse("accounts:member_remove", args=[acme.pk, olivia.pk]),
        {"confirmation": olivia.email},
    )

    assert (role.status_code, leave.status_code) == (422, 422)
    assert "Make another member Owner first" in role.content.decode()
    assert "last Owner" in leave.content.decode()


def test_removal_needs_the_address_typed(
    client: Client, olivia: User, mia: User, acme: Organization
) -> None:
    client.force_login(olivia)
    address = reverse("accounts:member_remove", args=[acme.pk, mia.pk])

    refused = client.post(address, {"confirmation": "mia"})
    client.post(address, {"confirmation": "mia@example.com"})

    assert refused.status_code == 422
    assert not OrganizationRoleBinding.objects.filter(user=mia).exists()


def test_the_list_is_searched_and_filtered_by_its_address(
    client: Client, olivia: User, mia: User, bill: User, acme: Organization
) -> None:
    client.force_login(olivia)
    address = reverse("accounts:members", args=[acme.pk])

    def shown(asked: str) -> list[str]:
        page = client.get(f"{address}?{asked}").context["page"]
        return [member.user.email for member in page.rows]

    assert shown("q=mi") == ["mia@example.com"]
    assert shown("role=ORGANIZATION_BILLING_ADMIN") == ["bill@example.com"]
    assert shown("sort=-email") == ["olivia@example.com", "mia@example.com", "bill@example.com"]
    assert "Nothing matches" in client.get(f"{address}?q=zzz").content.decode()


def test_htmx_gets_the_rows_alone(client: Client, olivia: User, acme: Organization) -> None:
    client.force_login(olivia)

    answer = client.get(
        reverse("accounts:members", args=[acme.pk]),
        headers={"HX-Request": "true", "HX-Target": "rows"},
    )

    assert "<html" not in answer.content.decode()
    assert "olivia@example.com" in answer.content.decode()


@pytest.mark.parametrize(
    "route",
    ["accounts:members", "accounts:invitations", "accounts:audit", "workspaces:list"],
)
def test_a_list_costs_the_same_queries_for_2_rows_and_200(
    client: Client,
    olivia: User,
    acme: Organization,
    route: str,
) -> None:
    client.force_login(olivia)
    address = reverse(route, args=[acme.pk])

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    def add(numbers: range) -> None:
        for number in numbers:
            factories.member(f"somebody{number}", acme)
            Invitation.objects.create(
                organization=acme, email=f"guest{number}@example.com", invited_by=olivia
            )
            Workspace.objects.create(organization=acme, name=f"Workspace {number}")
            record(factories.actor(olivia), "accounts.sign_in", acme)

    add(range(2))
    client.get(address)
    few = cost()
    add(range(2, 200))
    assert cost() == few


def test_the_sidebar_offers_only_what_may_be_opened(
    client: Client, olivia: User, mia: User, acme: Organization
) -> None:
    def offered(user: User) -> list[str]:
        client.force_login(user)
        frame = client.get(reverse("accounts:members", args=[acme.pk])).context["frame"]
        return [entry.label for entry in frame.entries]

    shared = ["Home", "Deployments", "Workspaces", "Members", "Roles", "Settings"]
    assert offered(mia) == shared
    assert set(offered(olivia)) == {*shared, "API tokens", "Audit log"}


def test_the_switcher_names_ones_own_organizations(
    client: Client, mia: User, umbrella: Organization, oscar: User
) -> None:
    client.force_login(mia)
    assert "Umbrella" not in client.get(reverse("accounts:switcher")).content.decode()

    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=mia, role=Role.ORGANIZATION_MEMBER
    )
    shown = client.get(reverse("accounts:switcher")).content.decode()
    assert "Umbrella" in shown
    assert re.search(r'aria-current="true"[^>]*>.*?Acme', shown, re.DOTALL)


def test_the_start_leads_back_to_the_organization_looked_at_last(
    client: Client, mia: User, acme: Organization, umbrella: Organization
) -> None:
    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=mia, role=Role.ORGANIZATION_MEMBER
    )
    client.force_login(mia)

    for organization in (umbrella, acme, umbrella):
        home = reverse("deployments:home", args=[organization.pk])
        client.get(home)
        assert client.get("/")["Location"] == home

    client.post("/accounts/logout/")
    client.force_login(mia)
    assert client.get("/")["Location"] == home
    OrganizationRoleBinding.objects.filter(organization=umbrella, user=mia).delete()
    assert client.get("/")["Location"] == reverse("deployments:home", args=[acme.pk])


def test_two_who_edit_at_once_lose_nothing(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)
    address = reverse("accounts:settings", args=[acme.pk])
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(address).content.decode())
    assert seen
    opened = {"seen": html.unescape(seen[1])}

    client.post(address, opened | {"name": "Acme Corp", "audit_retention_days": "365"})
    late = client.post(address, opened | {"name": "Acme Inc"})
    text = html.unescape(late.content.decode())
    again = re.search(r'name="seen" value="([^"]*)"', late.content.decode())
    assert again
    client.post(address, {"name": "Acme Inc", "seen": html.unescape(again[1])})

    assert late.status_code == 422
    assert "Meanwhile somebody set it to: Acme Corp" in text
    assert "Meanwhile somebody set it to: 365" in text
    assert 'value="Acme Inc"' in text
    assert Organization.objects.get(pk=acme.pk).name == "Acme Inc"


def test_what_somebody_else_saved_in_another_field_is_no_conflict(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)
    address = reverse("accounts:settings", args=[acme.pk])

    client.post(address, {"name": "Acme Corp", "seen": '{"name": "Acme"}'})
    done = client.post(address, {"name": "Acme Corp", "seen": '{"name": "Acme"}'})
    for nonsense in ("x", "[]", '"', "null"):
        client.post(address, {"name": "Acme Inc", "seen": nonsense})

    assert done.status_code == 302
    assert Organization.objects.get(pk=acme.pk).name == "Acme Inc"


def test_who_may_only_read_the_settings_finds_them_locked(
    client: Client, mia: User, acme: Organization
) -> None:
    client.force_login(mia)

    text = client.get(reverse("accounts:settings", args=[acme.pk])).content.decode()

    assert re.search(r'name="name"[^>]* disabled', text)
