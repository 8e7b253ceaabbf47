"""Which roles a form offers, and which of them a binding takes."""

from __future__ import annotations

import pytest

from access.permissions import Permission
from access.policy import ExceedsOwnRights
from access.roles import Role
from accounts import role_choices
from accounts.models import CustomRole, Organization, User
from deployments.models import Deployment
from tests import factories
from web.errors import InvalidInput
from workspaces.models import Workspace


def made(organization: Organization, name: str, *permissions: str, **fields: object) -> CustomRole:
    values = {"scope_type": "WORKSPACE", "permissions": list(permissions)} | fields
    return CustomRole.objects.create(organization=organization, name=name, **values)


def test_the_table_comes_first_and_then_what_the_organization_made(
    acme: Organization, umbrella: Organization, science: Workspace, olivia: User
) -> None:
    made(acme, "Rotator", "workspace.apiTokens.rotate", description="Rotates tokens")
    made(acme, "Waker", "deployment.update", scope_type="DEPLOYMENT")
    made(umbrella, "Theirs", "workspace.update")

    offered = role_choices.choices(factories.actor(olivia), science)

    labels = ["Accessor", "Member", "Author", "Operator", "Owner", "Rotator"]
    assert [choice.label for choice in offered] == labels
    assert [choice.is_custom for choice in offered] == [False] * 5 + [True]
    assert offered[-1].description == "Rotates tokens"
    assert {choice.refusal for choice in offered} == {""}


def test_a_role_for_some_workspaces_is_offered_in_those_and_their_deployments(
    acme: Organization, science: Workspace, etl: Deployment
) -> None:
    other = Workspace.objects.create(organization=acme, name="Other")
    fields = {"restricted_workspace_ids": [science.pk]}
    here = made(acme, "Here", "workspace.update", **fields)
    waker = made(acme, "Waker", "deployment.update", scope_type="DEPLOYMENT", **fields)

    assert list(role_choices.assignable(science)) == [here]
    assert list(role_choices.assignable(etl)) == [waker]
    assert not role_choices.assignable(other).exists()
    with pytest.raises(InvalidInput):
        role_choices.given(here.as_granted(), other, actor=factories.actor(factories.user("x")))


def test_what_holds_more_than_oneself_is_offered_with_the_reason_and_refused(
    acme: Organization, science: Workspace, oliver: User
) -> None:
    keeper = made(acme, "Keeper", "workspace.delete")
    actor = factories.actor(oliver)

    refused = {c.value: c.refusal for c in role_choices.choices(actor, science)}

    assert refused["WORKSPACE_OPERATOR"] == ""
    assert "workspace.delete" in refused[keeper.pk]
    for role in (Role.WORKSPACE_OWNER, keeper.as_granted()):
        with pytest.raises(ExceedsOwnRights):
            role_choices.given(role, science, actor=actor)


def test_a_binding_takes_the_role_as_it_is_now(
    acme: Organization, science: Workspace, olivia: User, oliver: User
) -> None:
    role = made(acme, "Rotator", "workspace.apiTokens.rotate")
    seen = role_choices.chosen(role.pk, science)
    role.permissions = ["workspace.delete"]
    role.save()

    given = role_choices.given(seen, science, actor=factories.actor(olivia))
    assert given == {"role": "", "custom_role": role}
    assert role_choices.chosen("WORKSPACE_AUTHOR", science) is Role.WORKSPACE_AUTHOR
    with pytest.raises(ExceedsOwnRights):
        role_choices.given(seen, science, actor=factories.actor(oliver))
    assert Permission.WORKSPACE_GET_BASIC in role.as_granted().permissions


@pytest.mark.parametrize("word", ["DEPLOYMENT_ADMIN", "ORGANIZATION_OWNER", "", "cmnothing"])
def test_any_other_word_is_refused(science: Workspace, word: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        role_choices.chosen(word, science)
    assert refused.value.fields == {"role": "Choose one of the list"}


def test_no_role_of_another_organization_is_given(
    umbrella: Organization, science: Workspace, olivia: User
) -> None:
    theirs = made(umbrella, "Theirs", "workspace.update").as_granted()

    with pytest.raises(InvalidInput):
        role_choices.given(theirs, science, actor=factories.actor(olivia))
