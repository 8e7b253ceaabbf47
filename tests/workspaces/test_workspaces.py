"""What making, changing and deleting Workspaces promises."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.policy import PermissionDenied
from access.roles import Role
from accounts.models import Organization, User
from audit.models import AuditRecord
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from web import stale
from web.errors import Conflict, InvalidInput
from workspaces import services
from workspaces.models import Workspace, WorkspaceRoleBinding


def test_its_maker_becomes_its_owner(olivia: User, acme: Organization) -> None:
    made = services.create(acme, name="Finance", actor=factories.actor(olivia))

    assert WorkspaceRoleBinding.objects.get(workspace=made).role == "WORKSPACE_OWNER"
    assert AuditRecord.objects.get(action="workspaces.create").after["name"] == "Finance"


def test_a_member_makes_none(mia: User, acme: Organization) -> None:
    with pytest.raises(PermissionDenied):
        services.create(acme, name="Finance", actor=factories.actor(mia))


def test_a_name_stands_once_in_an_organization_whatever_its_case(
    olivia: User, acme: Organization, science: Workspace, lab: Workspace
) -> None:
    actor = factories.actor(olivia)
    with pytest.raises(Conflict) as refusal:
        services.create(acme, name="data science", actor=actor)
    assert refusal.value.fields == {"name": "This name is taken"}

    services.create(acme, name="Lab", actor=actor)  # as Umbrella has one


def test_deletion_needs_the_exact_name(olivia: User, science: Workspace) -> None:
    with pytest.raises(InvalidInput):
        services.delete(science, typed_name="data science", actor=factories.actor(olivia))

    assert Workspace.objects.filter(pk=science.pk).exists()


def test_a_workspace_with_deployments_is_kept(
    olivia: User, science: Workspace, etl: Deployment
) -> None:
    with pytest.raises(Conflict, match="still has Deployments"):
        services.delete(science, typed_name="Data Science", actor=factories.actor(olivia))


def test_an_empty_one_goes_and_the_book_remembers(olivia: User, science: Workspace) -> None:
    services.delete(science, typed_name="Data Science", actor=factories.actor(olivia))

    assert not Workspace.objects.exists()
    row = AuditRecord.objects.get(action="workspaces.delete")
    assert (row.target_label, row.before["name"]) == ("Data Science", "Data Science")


def test_a_taken_name_comes_back_to_its_field(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    client.force_login(olivia)

    answer = client.post(
        reverse("workspaces:create", args=[acme.pk]),
        {"name": "Data Science", "description": "typed"},
    )

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "This name is taken" in text
    assert "typed" in text


def test_the_page_says_why_deletion_is_refused(
    client: Client, olivia: User, science: Workspace, etl: Deployment
) -> None:
    client.force_login(olivia)

    answer = client.post(
        reverse("workspaces:delete", args=[science.pk]), {"confirmation": "Data Science"}
    )

    assert answer.status_code == 422
    assert "still has Deployments" in answer.content.decode()


def test_a_disabled_button_names_the_roles_that_may(
    client: Client, wanda: User, science: Workspace
) -> None:
    client.force_login(wanda)

    text = client.get(reverse("workspaces:settings", args=[science.pk])).content.decode()

    assert "Needs Workspace Owner or Organization Owner." in text


def test_only_visible_workspaces_are_listed(
    client: Client, wanda: User, acme: Organization, science: Workspace, lab: Workspace
) -> None:
    Workspace.objects.create(organization=acme, name="Payroll")
    client.force_login(wanda)

    text = client.get(reverse("workspaces:list", args=[acme.pk])).content.decode()

    assert "Data Science" in text
    assert "Payroll" not in text
    assert "Lab" not in text


def test_counts_leave_out_what_was_deleted(
    client: Client, olivia: User, acme: Organization, science: Workspace, etl: Deployment
) -> None:
    factories.deployment(science, "gone", status="DELETED")
    client.force_login(olivia)

    page = client.get(reverse("workspaces:list", args=[acme.pk])).context["page"]

    assert [row.deployment_count for row in page.rows] == [1]


def test_counts_leave_out_what_one_may_not_see(
    client: Client, acme: Organization, science: Workspace, etl: Deployment, mia: User, wanda: User
) -> None:
    """Mia opens prod-etl alone, and with it the name of its Workspace; Wanda is its author."""
    factories.deployment(science, "payroll")
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, role=Role.DEPLOYMENT_ACCESSOR)
    for person, deployments, members in ((mia, 1, None), (wanda, 2, 1)):
        client.force_login(person)
        page = client.get(reverse("workspaces:list", args=[acme.pk])).context["page"]
        counts = [(row.deployment_count, row.member_count) for row in page.rows]
        assert counts == [(deployments, members)]
        home = client.get(reverse("deployments:home", args=[acme.pk])).content.decode()
        assert ("1 member" in home) == (members == 1)


def test_of_two_who_edit_the_settings_the_second_is_told(olivia: User, science: Workspace) -> None:
    actor = factories.actor(olivia)
    fields: dict[str, Any] = {"name": "Science", "description": "", "enforces_ci_cd": False}
    seen = stale.seen(science, fields)
    services.update(science, **fields, actor=actor)

    with pytest.raises(Conflict, match="while you edited"):
        services.update(science, **fields | {"name": "Data"}, seen=seen, actor=actor)


def test_where_deployments_are_hidden_its_settings_come_first(
    client: Client, mia: User, science: Workspace
) -> None:
    factories.grant(mia, science, Role.WORKSPACE_ACCESSOR)
    client.force_login(mia)
    settings = reverse("workspaces:settings", args=[science.pk])

    assert client.get(reverse("workspaces:detail", args=[science.pk]))["Location"] == settings
    html = client.get(settings).content.decode()
    assert reverse("deployments:workspace_list", args=[science.pk]) not in html
