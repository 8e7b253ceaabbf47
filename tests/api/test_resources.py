"""Organizations, Workspaces and the bearer's own profile over `/v1`."""

from __future__ import annotations

import pytest

from access.roles import Role
from accounts.models import ApiToken, Organization, User
from audit.models import AuditRecord
from deployments.models import Deployment
from tests import factories
from tests.api.conftest import Api
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def test_an_organization_is_renamed(owner: Api, root: str, acme: Organization) -> None:
    answer = owner.post(root, {"name": "Acme Inc", "billingEmail": "b@example.com",
                               "isScimEnabled": False})  # fmt: skip
    assert (answer.status_code, answer.json()["name"]) == (200, "Acme Inc")
    acme.refresh_from_db()
    assert acme.name == "Acme Inc"
    assert AuditRecord.objects.get(action="accounts.update_organization").door == "api"


def test_what_an_organization_cannot_have_is_refused(owner: Api, root: str) -> None:
    answer = owner.post(root, {"name": "Acme", "shouldEnforceDedicatedClusters": True})
    assert answer.status_code == 400
    said = "shouldEnforceDedicatedClusters: There are no dedicated clusters."
    assert answer.json()["message"] == said


def test_scim_is_switched_on_and_off(owner: Api, root: str) -> None:
    for is_on in (True, False):
        answer = owner.post(root, {"name": "Acme", "isScimEnabled": is_on})
        assert answer.json()["isScimEnabled"] is is_on
        assert owner.get(root).json()["isScimEnabled"] is is_on
    rows = AuditRecord.objects.filter(action="accounts.switch_scim").order_by("pk")
    assert [row.after["is_scim_on"] for row in rows] == [True, False]
    kept = owner.post(root, {"name": "Acme"})
    assert kept.json()["isScimEnabled"] is False


def test_the_own_profile_names_the_token_and_its_roles(owner: Api, acme: Organization) -> None:
    shown = owner.get("users/self", createIfNotExist="true").json()
    assert shown["id"] == ApiToken.objects.get().pk
    assert (shown["username"], shown["status"]) == ("robot", "ACTIVE")
    assert shown["organizationId"] == acme.pk
    assert {
        "role": "ORGANIZATION_OWNER",
        "scope": {"entityId": acme.pk, "type": "ORGANIZATION"},
    } in shown["roles"]


def test_a_workspace_from_its_creation_to_its_deletion(owner: Api, root: str) -> None:
    made = owner.post(f"{root}/workspaces", {"name": "ML", "cicdEnforcedDefault": True})
    assert made.status_code == 200
    path = f"{root}/workspaces/{made.json()['id']}"
    assert owner.get(path).json() == made.json()
    assert made.json()["cicdEnforcedDefault"] is True

    body = {"name": "ML 2", "description": "models", "cicdEnforcedDefault": False}
    changed = owner.post(path, body).json()
    assert {name: changed[name] for name in body} == body

    gone = owner.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert owner.get(path).status_code == 404
    assert owner.delete(path).status_code == 404


def test_a_workspace_with_deployments_stays(owner: Api, root: str, etl: Deployment) -> None:
    answer = owner.delete(f"{root}/workspaces/{etl.workspace_id}")
    assert answer.status_code == 409
    assert "still has Deployments" in answer.json()["message"]


def test_a_taken_name_says_which_field(owner: Api, root: str, science: Workspace) -> None:
    answer = owner.post(f"{root}/workspaces", {"name": science.name.upper()})
    assert answer.status_code == 409
    assert answer.json()["message"].startswith("name: A Workspace named")


def test_a_token_without_the_right_is_refused_and_noted(
    acme: Organization, root: str, science: Workspace
) -> None:
    member = Api(factories.organization_token(acme, Role.ORGANIZATION_MEMBER))
    answer = member.post(f"{root}/workspaces", {"name": "Mine"})
    assert answer.status_code == 403
    assert "organization.workspaces.create" in answer.json()["message"]
    refused = AuditRecord.objects.get(action="workspaces.create")
    assert (refused.outcome, refused.door) == ("REFUSED", "api")


def test_lists_are_narrowed_and_sorted(owner: Api, root: str, acme: Organization) -> None:
    ids = [Workspace.objects.create(organization=acme, name=name).pk for name in ("B", "A", "C")]
    path = f"{root}/workspaces"

    def names(query: str) -> list[str]:
        return [row["name"] for row in owner.client.get(f"/v1/{path}?{query}").json()["workspaces"]]

    assert names("") == ["A", "B", "C"]
    assert names("sorts=name:desc") == ["C", "B", "A"]
    assert names("sorts=createdAt:asc") == ["B", "A", "C"]
    assert names(f"workspaceIds={ids[0]}&workspaceIds={ids[2]}") == ["B", "C"]
    assert names("names=A&names=Z") == ["A"]
    assert names("limit=1&offset=1") == ["B"]
    assert owner.get(path, limit=0).json() == {
        "workspaces": [], "totalCount": 3, "limit": 0, "offset": 0,
    }  # fmt: skip


def test_a_query_that_is_not_known_is_refused(owner: Api, root: str) -> None:
    answer = owner.get(f"{root}/workspaces", workspaceID="x")
    assert answer.status_code == 400
    assert answer.json()["message"] == "workspaceID: There is no field of this name here."


def test_nothing_of_another_organization_can_be_changed(
    owner: Api, lab: Workspace, oscar: User
) -> None:
    foreign = f"organizations/{lab.organization_id}"
    body = {"name": "Mine", "description": "", "cicdEnforcedDefault": False}
    assert owner.post(foreign, {"name": "Mine"}).status_code == 404
    assert owner.post(f"{foreign}/workspaces", {"name": "Mine"}).status_code == 404
    assert owner.post(f"{foreign}/workspaces/{lab.pk}", body).status_code == 404
    assert owner.delete(f"{foreign}/workspaces/{lab.pk}").status_code == 404
    lab.refresh_from_db()
    assert lab.name == "Lab"
