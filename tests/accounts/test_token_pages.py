"""The pages of API tokens at every scope: make, use, change, rotate, delete, and who may."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.actor import system
from access.roles import Role
from accounts.models import ApiToken, CustomRole, Organization, User
from accounts.services import organization_tokens
from audit.models import AuditRecord
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = pytest.mark.django_db
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
SCOPES = [
    ("accounts", "acme", "ORGANIZATION_MEMBER"),
    ("workspaces", "science", "WORKSPACE_AUTHOR"),
    ("deployments", "etl", "DEPLOYMENT_ADMIN"),
]


@pytest.fixture
def browser(client: Client, olivia: User) -> Client:
    client.force_login(olivia)
    return client


def works(value: str) -> int:
    bearer = {"Authorization": f"Bearer {value}"}
    return Client().get("/v1/organizations", headers=bearer).status_code


def value_in(answer: object) -> str:
    found = JWT.search(answer.content.decode())  # type: ignore[attr-defined]
    assert found is not None
    return found[0]


@pytest.mark.parametrize(("room", "scope", "role"), SCOPES)
def test_a_token_lives_from_its_form_to_its_typed_name(
    browser: Client, request: pytest.FixtureRequest, room: str, scope: str, role: str
) -> None:
    subject = request.getfixturevalue(scope)
    new = reverse(f"{room}:token_new", args=[subject.pk])
    first = value_in(browser.post(new, {"name": " ci ", "role": role, "lifetime": "10"}))
    token = ApiToken.objects.get()
    assert (token.name, token.kind, token.scope_id) == ("ci", room_kind(room), subject.pk)
    assert works(first) == 200

    listed = browser.get(reverse(f"{room}:tokens", args=[subject.pk])).content.decode()
    assert token.prefix in listed
    assert first not in listed
    assert "just now" in listed or "ago" in listed, "when it was last used"

    here = reverse(f"{room}:token", args=[subject.pk, token.pk])
    form = browser.get(here).context["form"]
    changed = {
        "name": "cd",
        "description": "nightly",
        "role": role,
        "loaded": form["loaded"].value(),
    }
    assert browser.post(here, changed).status_code == 302
    token.refresh_from_db()
    assert (token.name, token.description) == ("cd", "nightly")

    second = value_in(browser.post(reverse(f"{room}:token_rotate", args=[subject.pk, token.pk])))
    assert (works(first), works(second)) == (401, 200)

    gone = reverse(f"{room}:token_delete", args=[subject.pk, token.pk])
    assert browser.post(gone, {"confirmation": "ci"}).status_code == 422
    assert works(second) == 200
    assert browser.post(gone, {"confirmation": "cd"}).status_code == 302
    assert works(second) == 401
    assert browser.get(here).status_code == 404
    told = AuditRecord.objects.filter(target_id=token.pk).values_list("before", "after")
    assert not any(value in str(list(told)) for value in (first, second))


def room_kind(room: str) -> str:
    return {"accounts": "ORGANIZATION", "workspaces": "WORKSPACE", "deployments": "DEPLOYMENT"}[
        room
    ]


def test_a_form_that_is_sent_twice_makes_one_token_whose_shown_value_counts(
    browser: Client, acme: Organization
) -> None:
    new = reverse("accounts:token_new", args=[acme.pk])
    key = browser.get(new).context["form"]["form_key"].value()
    given = {"name": "ci", "role": "ORGANIZATION_MEMBER", "form_key": key}

    first, second = (value_in(browser.post(new, given)) for _ in range(2))

    assert ApiToken.objects.count() == 1
    assert (works(first), works(second)) == (401, 200)
    assert browser.post(new, given).status_code == 422, "it is in use by now"
    assert works(second) == 200


def test_a_second_rotation_of_the_same_page_is_a_conflict(
    browser: Client, acme: Organization, robot_token: ApiToken
) -> None:
    url = reverse("accounts:token_rotate", args=[acme.pk, robot_token.pk])
    loaded = browser.get(url).context["loaded"]
    value = value_in(browser.post(url, {"loaded": loaded}))

    assert browser.post(url, {"loaded": loaded}).status_code == 409
    assert works(value) == 200


def test_a_stale_form_shows_both_and_loses_nothing(
    browser: Client, acme: Organization, robot_token: ApiToken
) -> None:
    url = reverse("accounts:token", args=[acme.pk, robot_token.pk])
    given = {"name": "mine", "role": "ORGANIZATION_MEMBER"}
    given["loaded"] = browser.get(url).context["form"]["loaded"].value()
    browser.post(url, given | {"name": "theirs"})

    answer = browser.post(url, given)

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="mine"' in shown
    assert "theirs" in shown
    again = given | {"loaded": answer.context["form"]["loaded"].value()}
    assert browser.post(url, again).status_code == 302
    robot_token.refresh_from_db()
    assert robot_token.name == "mine"


def test_a_change_says_in_the_log_what_it_was_before(
    browser: Client, acme: Organization, robot_token: ApiToken
) -> None:
    url = reverse("accounts:token", args=[acme.pk, robot_token.pk])
    form = browser.get(url).context["form"]
    browser.post(
        url,
        {
            "name": "ci",
            "role": "ORGANIZATION_BILLING_ADMIN",
            "address_ranges": "10.0.0.0/8",
            "loaded": form["loaded"].value(),
        },
    )

    row = AuditRecord.objects.get(action="accounts.update_token")
    assert row.before == {"name": "pipeline", "role": "ORGANIZATION_MEMBER", "address_ranges": []}
    assert row.after == {
        "name": "ci", "role": "ORGANIZATION_BILLING_ADMIN", "address_ranges": ["10.0.0.0/8"],
    }  # fmt: skip


@pytest.mark.parametrize("verb", ["token", "token_rotate", "token_delete"])
def test_tokens_of_others_are_not_there(
    client: Client, oscar: User, umbrella: Organization, robot_token: ApiToken, verb: str
) -> None:
    """Oscar owns Umbrella; neither its address nor Acme's leads him to Acme's token."""
    client.force_login(oscar)
    for organization in (umbrella.pk, robot_token.organization_id):
        url = reverse(f"accounts:{verb}", args=[organization, robot_token.pk])
        sent = {"confirmation": robot_token.name, "name": "x", "role": "ORGANIZATION_OWNER"}
        assert client.get(url).status_code == 404
        assert client.post(url, sent).status_code == 404
    robot_token.refresh_from_db()
    assert robot_token.is_usable


def test_a_token_is_found_only_where_it_belongs(
    browser: Client, acme: Organization, etl: Deployment, robot_token: ApiToken
) -> None:
    assert (
        browser.get(reverse("deployments:token", args=[etl.pk, robot_token.pk])).status_code == 404
    )


def test_places_that_a_reader_may_not_know_of_are_a_number(
    client: Client, acme: Organization, olivia: User, etl: Deployment, robot_token: ApiToken
) -> None:
    clerk = factories.narrow("clerk", acme, "organization.apiTokens.get")
    WorkspaceRoleBinding.objects.create(
        workspace=etl.workspace, api_token=robot_token, role=Role.WORKSPACE_AUTHOR
    )
    DeploymentRoleBinding.objects.create(
        deployment=etl, api_token=robot_token, role=Role.DEPLOYMENT_ADMIN
    )
    url = reverse("accounts:token", args=[acme.pk, robot_token.pk])

    client.force_login(olivia)
    whole = client.get(url).content.decode()
    client.force_login(clerk)
    narrow = client.get(url).content.decode()

    for word in ("Data Science", "prod-etl", etl.pk, etl.workspace_id):
        assert word in whole
        assert word not in narrow
    assert "may not see" not in whole
    assert "and 2 places that you may not see." in narrow


def test_the_list_asks_the_same_whatever_its_length(browser: Client, acme: Organization) -> None:
    url = reverse("accounts:tokens", args=[acme.pk])
    many(acme, 2)
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    many(acme, 60)
    with CaptureQueriesContext(connection) as lots:
        shown = browser.get(url).content.decode()
    assert len(few) == len(lots)
    assert "after=" in shown, "there is a second page"


def many(acme: Organization, number: int) -> None:
    for index in range(number):
        organization_tokens.create_token(
            acme, name=f"robot {index}", role=Role.ORGANIZATION_MEMBER, actor=system("test")
        )


def test_the_longest_life_is_the_organizations_rule(browser: Client, acme: Organization) -> None:
    settings = {"name": "Acme", "api_token_max_days": "30"}
    assert browser.post(reverse("accounts:settings", args=[acme.pk]), settings).status_code == 302
    new = reverse("accounts:token_new", args=[acme.pk])
    ci = {"name": "ci", "role": "ORGANIZATION_MEMBER"}

    assert browser.post(new, ci).context["form"].errors.keys() == {"lifetime"}, "no end"
    assert browser.post(new, ci | {"lifetime": "31"}).status_code == 422
    assert browser.post(new, ci | {"lifetime": "30"}).status_code == 200


@pytest.mark.parametrize("days", ["0", "3651", "-1", "x"])
def test_the_rule_itself_has_bounds(browser: Client, acme: Organization, days: str) -> None:
    answer = browser.post(
        reverse("accounts:settings", args=[acme.pk]), {"name": "Acme", "api_token_max_days": days}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"api_token_max_days"}


def test_a_role_above_ones_own_is_shown_and_refused(
    client: Client, oliver: User, science: Workspace
) -> None:
    client.force_login(oliver)
    new = reverse("workspaces:token_new", args=[science.pk])
    assert "Owner (above your own rights)" in client.get(new).content.decode()
    assert client.post(new, {"name": "ci", "role": "WORKSPACE_OWNER"}).status_code == 403
    assert not ApiToken.objects.exists()


def test_a_token_may_hold_a_role_of_the_organization(
    browser: Client, acme: Organization, science: Workspace
) -> None:
    rights = ["workspace.getBasic", "workspace.deployments.get", "deployment.get"]
    made = CustomRole.objects.create(
        organization=acme, scope_type="WORKSPACE", name="Watcher", permissions=rights
    )
    new = reverse("workspaces:token_new", args=[science.pk])
    value = value_in(browser.post(new, {"name": "ci", "role": made.pk}))
    token = ApiToken.objects.get()

    bearer = {"Authorization": f"Bearer {value}"}
    place = f"/v1/organizations/{acme.pk}/workspaces"
    assert Client().get(place, headers=bearer).json()["totalCount"] == 1
    here = browser.get(reverse("workspaces:token", args=[science.pk, token.pk]))
    assert here.context["form"]["role"].value() == made.pk
    assert (
        "Watcher" in browser.get(reverse("workspaces:tokens", args=[science.pk])).content.decode()
    )
