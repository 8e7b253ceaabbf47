"""The home of an Organization: health, what needs attention, and what was done lately."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organization, User
from deployments.models import Deployment
from tests import factories
from workspaces.models import Workspace


def home(client: Client, acme: Organization) -> dict[str, Any]:
    answer = client.get(reverse("deployments:home", args=[acme.pk]))
    assert answer.status_code == 200
    return {name: answer.context[name] for name in ("health", "attention", "workspaces")}


def test_it_counts_by_status_the_troubled_first(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    for status in ("HEALTHY", "HEALTHY", "HIBERNATING", "UNHEALTHY", "DELETED"):
        factories.deployment(science, status=status)
    client.force_login(olivia)

    shown = home(client, acme)

    health = [(each.status.value, each.count) for each in shown["health"]]
    assert health == [("UNHEALTHY", 1), ("HEALTHY", 2), ("HIBERNATING", 1)]
    assert len(shown["attention"]) == 1


def test_a_mere_member_sees_nothing_of_it(
    client: Client, mia: User, acme: Organization, science: Workspace, etl: Deployment
) -> None:
    client.force_login(mia)

    shown = home(client, acme)

    assert shown["health"] == []
    assert list(shown["workspaces"]) == []


def test_its_queries_do_not_grow_with_what_it_shows(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    client.force_login(olivia)

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            home(client, acme)
        return len(found)

    factories.deployment(science, status="UNHEALTHY")
    home(client, acme)
    few = cost()
    for number in range(8):
        workspace = Workspace.objects.create(organization=acme, name=f"Workspace {number}")
        factories.deployment(workspace, status="UNHEALTHY")
    assert cost() == few


@pytest.mark.parametrize(
    "path", ["/organizations/%00/", "/workspaces/%00/settings/", "/invitation/%00/x/"]
)
def test_an_id_that_cannot_be_is_not_there(client: Client, olivia: User, path: str) -> None:
    client.force_login(olivia)

    assert client.get(path).status_code == 404


def test_the_breadcrumb_leads_from_the_organization_to_the_deployment(
    client: Client, olivia: User, etl: Deployment
) -> None:
    client.force_login(olivia)

    frame = client.get(reverse("deployments:detail", args=[etl.pk])).context["frame"]

    assert [crumb.label for crumb in frame.crumbs] == ["Acme", "Data Science", "prod-etl"]
    for crumb in frame.crumbs[1:]:
        assert crumb.label in client.get(crumb.options_url).content.decode()


def test_an_empty_home_leads_to_the_first_deployment_or_names_the_missing_role(
    client: Client, olivia: User, wanda: User, acme: Organization, science: Workspace
) -> None:
    address = reverse("deployments:create_anywhere", args=[acme.pk])

    client.force_login(olivia)
    of_owner = client.get(reverse("deployments:home", args=[acme.pk])).content.decode()
    client.force_login(wanda)
    of_author = client.get(reverse("deployments:home", args=[acme.pk])).content.decode()

    assert f'href="{address}" class="button button--primary"' in of_owner
    assert f'href="{address}"' not in of_author
    assert "Needs Workspace Operator in one of the Workspaces." in of_author
