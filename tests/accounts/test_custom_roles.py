"""What making, changing and removing a role of one's own promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from access import scopes
from access.actor import system
from access.permissions import Permission
from access.policy import ExceedsOwnRights, PermissionDenied
from access.roles import Role
from access.scopes import Principal
from accounts import role_holders
from accounts.models import CustomRole, Organization, OrganizationRoleBinding, User
from accounts.services import custom_roles
from audit.models import AuditRecord
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace, WorkspaceRoleBinding

WAKER: dict[str, Any] = {
    "name": "Waker",
    "scope_type": "DEPLOYMENT",
    "permissions": ["deployment.update"],
}


@pytest.fixture
def waker(acme: Organization) -> CustomRole:
    return CustomRole.objects.create(organization=acme, **WAKER)


@pytest.fixture
def keeper(acme: Organization) -> User:
    """May make roles, and otherwise what a Member may."""
    role = CustomRole.objects.create(
        organization=acme,
        name="Role keeper",
        scope_type="ORGANIZATION",
        permissions=[
            *(f"organization.customRoles.{each}" for each in ("get", "create", "update", "delete")),
            *("organization.users.get", "deployment.logs.get", "deployment.get"),
        ],
    )
    made = factories.user("keeper")
    OrganizationRoleBinding.objects.create(organization=acme, user=made, custom_role=role)
    return made


def change(role: CustomRole, by: User, **changed: Any) -> CustomRole:
    values: dict[str, Any] = {
        "version": role.version,
        "name": role.name,
        "permissions": role.permissions,
        "restricted_workspace_ids": role.restricted_workspace_ids,
    }
    return custom_roles.update_custom_role(role, **(values | changed), actor=factories.actor(by))


def test_an_owner_makes_a_role_and_who_gets_it_holds_exactly_that(
    acme: Organization, olivia: User, mia: User, etl: Deployment
) -> None:
    made = custom_roles.create_custom_role(acme, **WAKER, actor=factories.actor(olivia))
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=made)

    held = factories.actor(mia).permissions_on(etl)
    assert {p.value for p in held if p.startswith("deployment.")} == {
        "deployment.get",
        "deployment.update",
    }
    row = AuditRecord.objects.get(action="accounts.create_custom_role")
    assert row.after["permissions"] == ["deployment.update"]
    assert row.actor_label == olivia.email


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"description": "x" * 501}, "description"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["deployment.fly"]}, "permissions"),
        ({"permissions": ["workspace.update"]}, "permissions"),
        ({"permissions": ["installation.get"]}, "permissions"),
        ({"scope_type": "DAG"}, "scope_type"),
        ({"restricted_workspace_ids": ["cmnothing"]}, "restricted_workspace_ids"),
    ],
)
def test_what_cannot_be_a_role_is_refused_at_its_field(
    acme: Organization, olivia: User, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        custom_roles.create_custom_role(acme, **(WAKER | wrong), actor=factories.actor(olivia))
    assert set(refused.value.fields) == {field}
    assert not CustomRole.objects.exists()


def test_operators_rights_are_in_no_role_of_any_scope() -> None:
    for scope in ("ORGANIZATION", "WORKSPACE", "DEPLOYMENT"):
        assert not [p for p in custom_roles.possible(scope) if p.startswith("installation.")]


def test_a_name_is_taken_once_whatever_its_case(
    acme: Organization, umbrella: Organization, olivia: User, oscar: User, waker: CustomRole
) -> None:
    with pytest.raises(Conflict) as refused:
        custom_roles.create_custom_role(
            acme, **(WAKER | {"name": "WAKER"}), actor=factories.actor(olivia)
        )
    assert refused.value.fields == {"name": "Taken"}
    custom_roles.create_custom_role(umbrella, **WAKER, actor=factories.actor(oscar))


def test_only_those_with_the_right_make_change_or_remove_one(
    acme: Organization, mia: User, oliver: User, oscar: User, waker: CustomRole
) -> None:
    for person in (mia, oliver, oscar):
        actor = factories.actor(person)
        with pytest.raises(PermissionDenied):
            custom_roles.create_custom_role(acme, **(WAKER | {"name": "X"}), actor=actor)
        with pytest.raises(PermissionDenied):
            change(waker, person)
        with pytest.raises(PermissionDenied):
            custom_roles.delete_custom_role(waker, typed_name="Waker", actor=actor)


def test_nobody_makes_or_changes_a_role_above_their_own_rights(
    acme: Organization, keeper: User, waker: CustomRole
) -> None:
    actor = factories.actor(keeper)
    reader = custom_roles.create_custom_role(
        acme,
        name="Log reader",
        scope_type="DEPLOYMENT",
        permissions=["deployment.logs.get"],
        actor=actor,
    )
    with pytest.raises(ExceedsOwnRights):
        custom_roles.create_custom_role(acme, **(WAKER | {"name": "X"}), actor=actor)
    with pytest.raises(ExceedsOwnRights):
        change(reader, keeper, permissions=["deployment.logs.get", "deployment.update"])
    with pytest.raises(ExceedsOwnRights):
        change(waker, keeper, permissions=["deployment.logs.get"])
    with pytest.raises(ExceedsOwnRights):
        custom_roles.delete_custom_role(waker, typed_name="Waker", actor=actor)


def test_of_two_who_edit_the_second_is_told_and_nothing_is_lost(
    olivia: User, waker: CustomRole
) -> None:
    change(waker, olivia, permissions=["deployment.update", "deployment.delete"])

    with pytest.raises(custom_roles.RoleChanged) as refused:
        change(waker, olivia, name="Mine")

    assert refused.value.current.permissions == ["deployment.delete", "deployment.update"]
    waker.refresh_from_db()
    assert (waker.version, waker.name) == (2, "Waker")


def test_a_change_reaches_every_holder_and_their_teams_people(
    acme: Organization,
    olivia: User,
    mia: User,
    wanda: User,
    etl: Deployment,
    waker: CustomRole,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    heard: list[Principal] = []
    monkeypatch.setattr(scopes, "_listeners", [heard.append])
    team = factories.team(acme, wanda)
    token = factories.deployment_token(etl)
    DeploymentRoleBinding.objects.filter(api_token=token).update(role="", custom_role=waker)
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=waker)
    DeploymentRoleBinding.objects.create(deployment=etl, team=team, custom_role=waker)

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        change(waker, olivia, permissions=["deployment.logs.get"])
        assert heard == []

    assert {principal.id for principal in heard} == {mia.pk, wanda.pk, team.pk, token.pk}
    held = factories.actor(wanda).permissions_on(etl)
    assert Permission.DEPLOYMENT_UPDATE not in held
    assert Permission.DEPLOYMENT_LOGS_GET in held


def test_who_is_affected_counts_what_they_hold_otherwise(
    acme: Organization, mia: User, oliver: User, wanda: User, etl: Deployment, waker: CustomRole
) -> None:
    team = factories.team(acme, wanda, name="night")
    for subject in ({"user": mia}, {"user": oliver}, {"team": team}):
        DeploymentRoleBinding.objects.create(deployment=etl, custom_role=waker, **subject)

    proposed = frozenset({Permission.DEPLOYMENT_GET, Permission.DEPLOYMENT_LOGS_GET})
    holders = role_holders.holders(waker, actor=system("test"), most=10)
    found = {
        (e.holder.principal.label, e.holder.through): (e.gained, e.lost)
        for e in role_holders.effects(waker, proposed, of=holders)
    }

    lost = (Permission.DEPLOYMENT_UPDATE,)
    gained = (Permission.DEPLOYMENT_LOGS_GET,)
    assert found == {
        (mia.email, ""): (gained, lost),
        (oliver.email, ""): ((), ()),  # operator of the Workspace all the same
        ("night", ""): (gained, lost),
        (wanda.email, "night"): ((), lost),  # reads logs as author of the Workspace
    }


def test_a_role_is_not_restricted_away_from_where_it_is_held(
    acme: Organization, olivia: User, mia: User, science: Workspace, waker: CustomRole,
    etl: Deployment,
) -> None:  # fmt: skip
    other = Workspace.objects.create(organization=acme, name="Other")
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=waker)

    with pytest.raises(InvalidInput) as refused:
        change(waker, olivia, restricted_workspace_ids=[other.pk])
    assert "mia@example.com in prod-etl" in refused.value.fields["restricted_workspace_ids"]

    changed = change(waker, olivia, restricted_workspace_ids=[science.pk])
    assert changed.restricted_workspace_ids == [science.pk]


def test_a_role_of_the_organization_is_restricted_to_no_workspace(
    acme: Organization, olivia: User, science: Workspace
) -> None:
    with pytest.raises(InvalidInput):
        custom_roles.create_custom_role(
            acme,
            name="Wide",
            scope_type="ORGANIZATION",
            permissions=["organization.users.get"],
            restricted_workspace_ids=[science.pk],
            actor=factories.actor(olivia),
        )


def test_a_role_in_use_stays_and_says_where(
    olivia: User, mia: User, etl: Deployment, waker: CustomRole
) -> None:
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=waker)
    actor = factories.actor(olivia)

    with pytest.raises(InvalidInput):
        custom_roles.delete_custom_role(waker, typed_name="waker", actor=actor)
    with pytest.raises(custom_roles.RoleInUse) as refused:
        custom_roles.delete_custom_role(waker, typed_name="Waker", actor=actor)
    assert "mia@example.com in prod-etl" in refused.value.cause

    DeploymentRoleBinding.objects.all().delete()
    custom_roles.delete_custom_role(waker, typed_name="Waker", actor=actor)
    assert not CustomRole.objects.exists()


def test_workspaces_that_an_editor_may_not_see_are_not_there_for_them_and_stay(
    acme: Organization, olivia: User, keeper: User, science: Workspace
) -> None:
    reader = custom_roles.create_custom_role(
        acme,
        name="Log reader",
        scope_type="DEPLOYMENT",
        permissions=["deployment.logs.get"],
        restricted_workspace_ids=[science.pk],
        actor=factories.actor(olivia),
    )

    with pytest.raises(InvalidInput) as refused:
        change(reader, keeper, restricted_workspace_ids=[science.pk])
    assert "is not there any more" in refused.value.fields["restricted_workspace_ids"]

    kept = change(reader, keeper, restricted_workspace_ids=[])
    assert kept.restricted_workspace_ids == [science.pk]
    freed = change(kept, olivia, restricted_workspace_ids=[])
    assert freed.restricted_workspace_ids == []


def test_it_goes_with_its_grants_and_members_stay_members(
    acme: Organization, olivia: User, mia: User, science: Workspace
) -> None:
    wide = CustomRole.objects.create(
        organization=acme,
        name="Wide",
        scope_type="ORGANIZATION",
        permissions=["organization.users.get"],
    )
    OrganizationRoleBinding.objects.filter(user=mia).update(role="", custom_role=wide)
    WorkspaceRoleBinding.objects.create(workspace=science, user=mia, custom_role=wide)

    custom_roles.delete_custom_role(
        wide, typed_name="Wide", removes_grants=True, actor=factories.actor(olivia)
    )

    assert OrganizationRoleBinding.objects.get(user=mia).role == Role.ORGANIZATION_MEMBER
    assert not WorkspaceRoleBinding.objects.exists()


def test_grants_go_only_with_the_right_to_change_roles(
    acme: Organization, keeper: User, mia: User, etl: Deployment
) -> None:
    logs = CustomRole.objects.create(
        organization=acme,
        name="Logs",
        scope_type="DEPLOYMENT",
        permissions=["deployment.logs.get"],
    )
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=logs)

    with pytest.raises(PermissionDenied):
        custom_roles.delete_custom_role(
            logs, typed_name="Logs", removes_grants=True, actor=factories.actor(keeper)
        )
    assert DeploymentRoleBinding.objects.filter(user=mia).exists()


def test_counting_grants_of_many_roles_takes_one_query_for_each_kind_of_scope(
    acme: Organization, mia: User, etl: Deployment, waker: CustomRole,
    django_assert_num_queries: Callable[[int], object],
) -> None:  # fmt: skip
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=waker)

    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        assert role_holders.counts([waker]) == {waker.pk: 1}
