"""What adding, changing and removing members of a Workspace promises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from access.permissions import Permission
from access.policy import PermissionDenied
from access.roles import Role
from accounts.models import Invitation, Organization, User
from accounts.services import invitations
from tests import factories
from web.errors import Conflict, InvalidInput
from workspaces import services
from workspaces.models import Workspace, WorkspaceRoleBinding


def test_somebody_of_the_organization_is_added(olivia: User, mia: User, science: Workspace) -> None:
    services.add_member(
        science, email="MIA@example.com", role=Role.WORKSPACE_AUTHOR, actor=factories.actor(olivia)
    )

    assert factories.actor(mia).can(Permission.WORKSPACE_DEPLOYMENTS_GET, science)


def test_an_author_adds_nobody(wanda: User, mia: User, science: Workspace) -> None:
    with pytest.raises(PermissionDenied):
        services.add_member(
            science, email=mia.email, role=Role.WORKSPACE_OWNER, actor=factories.actor(wanda)
        )


def test_nobody_is_added_twice(olivia: User, wanda: User, science: Workspace) -> None:
    with pytest.raises(Conflict):
        services.add_member(
            science, email=wanda.email, role=Role.WORKSPACE_OWNER, actor=factories.actor(olivia)
        )


def test_people_of_other_organizations_are_not_found(
    olivia: User, oscar: User, science: Workspace
) -> None:
    with pytest.raises(InvalidInput):
        services.add_member(
            science, email=oscar.email, role=Role.WORKSPACE_MEMBER, actor=factories.actor(olivia)
        )


def test_a_role_changes_and_goes(olivia: User, wanda: User, science: Workspace) -> None:
    actor = factories.actor(olivia)
    services.change_member_role(
        WorkspaceRoleBinding.objects.get(user=wanda), role=Role.WORKSPACE_MEMBER, actor=actor
    )
    assert not factories.actor(wanda).can(Permission.WORKSPACE_ALERTS_CREATE, science)

    services.remove_member(WorkspaceRoleBinding.objects.get(user=wanda), actor=actor)
    assert not factories.actor(wanda).can(Permission.WORKSPACE_GET_BASIC, science)


def test_a_workspace_owner_invites_a_stranger_to_both(
    client: Client, acme: object, mia: User, science: Workspace
) -> None:
    factories.grant(mia, science, Role.WORKSPACE_OWNER)
    client.force_login(mia)

    answer = client.post(
        reverse("workspaces:member_add", args=[science.pk]),
        {"email": "nina@example.com", "role": "WORKSPACE_OPERATOR"},
    )

    assert "/invitation/" in answer.content.decode()
    offer = Invitation.objects.get()
    assert (offer.role, offer.workspace_roles) == (
        "ORGANIZATION_MEMBER",
        {science.pk: "WORKSPACE_OPERATOR"},
    )
    nina = factories.user("nina")
    invitations.accept(offer, nina, actor=factories.actor(nina))
    assert factories.actor(nina).can(Permission.WORKSPACE_DEPLOYMENTS_CREATE, science)


def test_a_person_without_a_role_here_has_no_page(
    client: Client, olivia: User, mia: User, science: Workspace
) -> None:
    client.force_login(olivia)

    assert client.get(reverse("workspaces:member", args=[science.pk, mia.pk])).status_code == 404


def test_the_list_costs_the_same_queries_for_2_rows_and_200(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    client.force_login(olivia)
    address = reverse("workspaces:members", args=[science.pk])

    def add(numbers: range) -> None:
        for number in numbers:
            made = factories.member(f"somebody{number}", acme)
            factories.grant(made, science, Role.WORKSPACE_MEMBER)

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    add(range(2))
    client.get(address)
    few = cost()
    add(range(2, 200))
    assert cost() == few


def test_nobody_is_invited_to_a_role_of_a_deployment(olivia: User, science: Workspace) -> None:
    with pytest.raises(InvalidInput):
        services.invite(
            science,
            email="new@example.com",
            role=Role.DEPLOYMENT_ACCESSOR,
            actor=factories.actor(olivia),
        )

    assert not Invitation.objects.exists()


def test_the_list_says_whose_role_has_ended(
    client: Client, olivia: User, wanda: User, science: Workspace
) -> None:
    client.force_login(olivia)
    page = reverse("workspaces:members", args=[science.pk])
    assert ">ended<" not in client.get(page).content.decode()

    past = timezone.now() - timedelta(seconds=1)
    WorkspaceRoleBinding.objects.filter(user=wanda).update(expires_at=past)
    assert ">ended<" in client.get(page).content.decode()
