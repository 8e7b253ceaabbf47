"""Nobody gets more by a token than they hold: on making, changing, rotating and attaching one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from access.actor import system
from access.policy import ExceedsOwnRights, PermissionDenied
from access.roles import Role
from accounts.models import ApiToken, Organization, User
from accounts.services import organization_tokens
from accounts.services.token_homes import Change, reach
from audit.models import AuditRecord
from deployments.models import Deployment
from deployments.services import tokens as deployment_tokens
from tests.factories import actor
from web.errors import Conflict, InvalidInput, NotFound
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services import tokens as workspace_tokens

pytestmark = pytest.mark.django_db


def change(token: ApiToken, role: Role, *, description: str = "") -> Change:
    return {
        "name": token.name, "description": description, "role": role, "address_ranges": (),
        "loaded": "",
    }  # fmt: skip


def held(token: ApiToken) -> WorkspaceRoleBinding:
    return WorkspaceRoleBinding.objects.get(api_token=token)


def owners_token(science: Workspace) -> ApiToken:
    return workspace_tokens.create_token(
        science, name="owner", role=Role.WORKSPACE_OWNER, actor=system("test")
    )


def test_making_one_above_oneself_is_refused(oliver: User, science: Workspace) -> None:
    with pytest.raises(ExceedsOwnRights):
        workspace_tokens.create_token(
            science, name="up", role=Role.WORKSPACE_OWNER, actor=actor(oliver)
        )
    assert not ApiToken.objects.exists()


def test_raising_one_above_oneself_is_refused(
    oliver: User, science: Workspace, team_token: ApiToken
) -> None:
    with pytest.raises(ExceedsOwnRights):
        workspace_tokens.update_token(
            held(team_token), actor=actor(oliver), **change(team_token, Role.WORKSPACE_OWNER)
        )
    assert held(team_token).role == Role.WORKSPACE_MEMBER


def test_a_stronger_token_can_be_renamed_but_its_value_not_taken(
    oliver: User, science: Workspace
) -> None:
    strong = owners_token(science)
    kept = change(strong, Role.WORKSPACE_OWNER, description="who made this?")
    workspace_tokens.update_token(held(strong), actor=actor(oliver), **kept)

    with pytest.raises(ExceedsOwnRights):
        workspace_tokens.rotate_token(held(strong), actor=actor(oliver))


def test_a_token_that_holds_more_elsewhere_is_not_rotated_by_who_does_not(
    oliver: User, olivia: User, etl: Deployment, team_token: ApiToken
) -> None:
    """A Deployment Admin may remove people from it, which a Workspace Operator may not."""
    deployment_tokens.attach(
        etl, token_id=team_token.pk, role=Role.DEPLOYMENT_ADMIN, actor=actor(olivia)
    )
    with pytest.raises(ExceedsOwnRights):
        workspace_tokens.rotate_token(held(team_token), actor=actor(oliver))
    assert workspace_tokens.rotate_token(held(team_token), actor=actor(olivia)).value


def test_an_author_makes_none_and_the_log_says_so(wanda: User, science: Workspace) -> None:
    with pytest.raises(PermissionDenied):
        workspace_tokens.create_token(
            science, name="up", role=Role.WORKSPACE_MEMBER, actor=actor(wanda)
        )
    row = AuditRecord.objects.get()
    assert (row.action, row.outcome) == ("workspaces.create_token", "REFUSED")


def test_an_attached_token_does_there_what_its_role_says_until_it_is_detached(
    client: Client, olivia: User, science: Workspace, etl: Deployment, robot_token: ApiToken
) -> None:
    bearer = {"Authorization": f"Bearer {robot_token.value}"}
    address = f"/v1/organizations/{etl.organization_id}/deployments/{etl.pk}"
    assert client.get(address, headers=bearer).status_code == 404

    client.force_login(olivia)
    attach = reverse("workspaces:token_attach", args=[science.pk])
    sent = {"token": robot_token.pk, "role": "WORKSPACE_MEMBER"}
    assert client.post(attach, sent).status_code == 302
    assert client.post(attach, sent).status_code == 302, "twice is once"
    assert Client().get(address, headers=bearer).status_code == 200
    listed = client.get(reverse("workspaces:tokens", args=[science.pk])).content.decode()
    assert robot_token.prefix in listed

    detach = reverse("workspaces:token_detach", args=[science.pk, robot_token.pk])
    assert client.post(detach).status_code == 302
    assert client.post(detach).status_code == 404
    assert Client().get(address, headers=bearer).status_code == 404
    assert Client().get("/v1/organizations", headers=bearer).status_code == 200, "it lives on"


def test_the_tokens_own_page_attaches_it_too(
    client: Client, olivia: User, acme: Organization, etl: Deployment, robot_token: ApiToken
) -> None:
    client.force_login(olivia)
    here = reverse("accounts:token_spread", args=[acme.pk, robot_token.pk])
    sent = {"kind": "deployment", "subject": etl.pk, "role": "DEPLOYMENT_ACCESSOR"}

    assert client.post(here, sent).status_code == 302

    roles = [(home.kind.value, binding.role) for home, binding in reach(robot_token)]
    assert roles == [
        ("organization", "ORGANIZATION_MEMBER"), ("deployment", "DEPLOYMENT_ACCESSOR"),
    ]  # fmt: skip
    page = client.get(reverse("accounts:token", args=[acme.pk, robot_token.pk]))
    assert "prod-etl" in page.content.decode()


@pytest.mark.parametrize(
    "sent", [{"kind": "installation"}, {"kind": "x"}, {"kind": "organization"}, {}]
)
def test_nowhere_else(
    client: Client, olivia: User, acme: Organization, robot_token: ApiToken, sent: dict[str, str]
) -> None:
    client.force_login(olivia)
    here = reverse("accounts:token_spread", args=[acme.pk, robot_token.pk])
    assert client.post(here, sent | {"subject": acme.pk}).status_code == 404


def test_who_may_not_see_the_organizations_tokens_attaches_none(
    oliver: User, science: Workspace, robot_token: ApiToken
) -> None:
    with pytest.raises(NotFound):
        workspace_tokens.attach_token(
            science, token_id=robot_token.pk, role=Role.WORKSPACE_MEMBER, actor=actor(oliver)
        )


def test_tokens_of_another_organization_are_never_attached(
    olivia: User, oscar: User, lab: Workspace, etl: Deployment, robot_token: ApiToken
) -> None:
    foreign = organization_tokens.create_token(
        lab.organization, name="foreign", role=Role.ORGANIZATION_MEMBER, actor=actor(oscar)
    )
    for token, place, by in ((foreign, etl.workspace, olivia), (robot_token, lab, oscar)):
        with pytest.raises(NotFound):
            workspace_tokens.attach_token(
                place, token_id=token.pk, role=Role.WORKSPACE_MEMBER, actor=actor(by)
            )
    with pytest.raises(NotFound):
        deployment_tokens.attach(
            etl, token_id=foreign.pk, role=Role.DEPLOYMENT_ADMIN, actor=actor(olivia)
        )


def test_a_workspaces_token_goes_to_its_own_deployments_alone(
    olivia: User, acme: Organization, etl: Deployment
) -> None:
    elsewhere = Workspace.objects.create(organization=acme, name="Elsewhere")
    other = workspace_tokens.create_token(
        elsewhere, name="other", role=Role.WORKSPACE_MEMBER, actor=actor(olivia)
    )
    with pytest.raises(NotFound):
        deployment_tokens.attach(
            etl, token_id=other.pk, role=Role.DEPLOYMENT_ADMIN, actor=actor(olivia)
        )


def test_a_role_of_another_scope_is_not_attached(
    olivia: User, science: Workspace, robot_token: ApiToken
) -> None:
    with pytest.raises(InvalidInput):
        workspace_tokens.attach_token(
            science, token_id=robot_token.pk, role=Role.ORGANIZATION_OWNER, actor=actor(olivia)
        )


def test_at_home_a_token_is_deleted_not_detached(olivia: User, team_token: ApiToken) -> None:
    with pytest.raises(Conflict):
        workspace_tokens.detach_token(held(team_token), actor=actor(olivia))


def test_deleting_one_ends_it_everywhere(
    olivia: User, etl: Deployment, team_token: ApiToken
) -> None:
    deployment_tokens.attach(
        etl, token_id=team_token.pk, role=Role.DEPLOYMENT_ADMIN, actor=actor(olivia)
    )
    workspace_tokens.delete_token(held(team_token), typed_name=team_token.name, actor=actor(olivia))
    assert list(reach(team_token)) == []


def test_a_token_that_holds_more_elsewhere_is_bound_to_no_other_networks(
    acme: Organization, science: Workspace, oliver: User, team_token: ApiToken, etl: Deployment
) -> None:
    """Whoever moves where it counts could use it from there."""
    deployment_tokens.attach(
        etl, token_id=team_token.pk, role="DEPLOYMENT_ADMIN", actor=system("test")
    )
    wanted = change(team_token, Role.WORKSPACE_MEMBER) | {"address_ranges": ("10.0.0.0/8",)}

    with pytest.raises(ExceedsOwnRights):
        workspace_tokens.update_token(held(team_token), actor=actor(oliver), **wanted)


def test_a_workspaces_tokens_are_offered_to_who_may_see_them(
    science: Workspace, etl: Deployment, wanda: User, oliver: User, team_token: ApiToken
) -> None:
    assert list(deployment_tokens.attachable(etl, actor(oliver))) == [team_token]
    assert not deployment_tokens.attachable(etl, actor(wanda)).exists()
