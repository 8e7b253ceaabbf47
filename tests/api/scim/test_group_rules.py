"""Group rules follow provisioned groups, without anybody's sign-in."""

from __future__ import annotations

import pytest

from accounts.models import OrganizationRoleBinding, User
from tests import factories
from tests.api.scim.conftest import Provider
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = pytest.mark.django_db


def roles(workspace: Workspace) -> dict[str, bool]:
    """Who has a role by rule there."""
    rows = WorkspaceRoleBinding.objects.filter(workspace=workspace, user__isnull=False)
    return {row.user.email.partition("@")[0]: row.is_by_rule for row in rows if row.user}


def test_who_enters_a_group_has_what_it_gives_and_who_leaves_loses_it(
    idp: Provider, science: Workspace
) -> None:
    factories.role_rule(science, "Analysts", "WORKSPACE_AUTHOR")
    jane, max_ = idp.user("jane@example.com"), idp.user("max@example.com")
    path = f"/Groups/{idp.group('Analysts', jane)['id']}"
    assert roles(science) == {"jane": True}

    idp.patch(path, {"op": "add", "path": "members", "value": [{"value": max_["id"]}]})
    assert roles(science) == {"jane": True, "max": True}
    idp.patch(path, {"op": "remove", "path": f'members[value eq "{jane["id"]}"]'})
    assert roles(science) == {"max": True}

    idp.patch(path, {"op": "replace", "path": "displayName", "value": "Engineers"})
    assert roles(science) == {}
    idp.patch(path, {"op": "replace", "path": "displayName", "value": "Analysts"})
    assert roles(science) == {"max": True}
    idp.call("DELETE", path)
    assert roles(science) == {}


def test_what_was_given_by_hand_stays(idp: Provider, science: Workspace, wanda: User) -> None:
    factories.role_rule(science, "Analysts", "WORKSPACE_OWNER")
    known = idp.user("wanda@example.com")
    path = f"/Groups/{idp.group('Analysts', known)['id']}"
    idp.call("DELETE", path)
    assert WorkspaceRoleBinding.objects.get(user=wanda).role == "WORKSPACE_AUTHOR"


def test_a_membership_by_scim_can_be_raised_by_a_rule(idp: Provider) -> None:
    idp.user("jane@example.com")
    assert OrganizationRoleBinding.objects.get(user__email="jane@example.com").is_by_rule
