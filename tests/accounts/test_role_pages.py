"""The pages on which an Organization's roles are read, put together, changed and removed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import CustomRole, Organization, User
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from workspaces.models import Workspace


@pytest.fixture
def waker(acme: Organization) -> CustomRole:
    return CustomRole.objects.create(
        organization=acme,
        name="Waker",
        scope_type="DEPLOYMENT",
        permissions=["deployment.update"],
    )


def send(client: Client, role: CustomRole, **changed: Any) -> HttpResponse:
    values = {"version": role.version, "name": role.name, "permissions": role.permissions}
    address = reverse("accounts:role_edit", args=[role.organization_id, role.pk])
    return client.post(address, values | changed)  # type: ignore[return-value]


def test_a_role_is_put_together_and_found_in_the_list(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    client.force_login(olivia)

    made = client.post(
        reverse("accounts:role_create", args=[acme.pk]),
        {
            "name": "Night shift",
            "scope_type": "DEPLOYMENT",
            "permissions": ["deployment.update", "deployment.airflow.slaMiss.get"],
            "restricted_workspace_ids": [science.pk],
        },
        follow=True,
    ).content.decode()

    assert "no effect on Airflow 3" in made
    assert "no effect on Airflow 2" not in made
    assert "Data Science" in made
    page = client.get(reverse("accounts:roles", args=[acme.pk])).content.decode()
    assert "Night shift" in page
    assert "Workspace Operator" in page


def test_a_refused_role_keeps_what_was_typed(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)

    answer = client.post(
        reverse("accounts:role_create", args=[acme.pk]),
        {"name": "Night shift", "scope_type": "WORKSPACE", "description": "For nights"},
    )

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Tick at least one" in text
    assert 'value="Night shift"' in text
    assert 'value="For nights"' in text
    assert not CustomRole.objects.exists()


def ticked(answer: Any) -> set[str]:
    shelves = answer.context["shelves"]
    return {t.right.permission.value for shelf in shelves for t in shelf.ticks if t.is_on}


def test_the_picker_ticks_groups_searches_and_saves_nothing(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)
    address = reverse("accounts:role_create", args=[acme.pk])
    typed = {"name": "Mine", "scope_type": "DEPLOYMENT", "permissions": ["deployment.get"]}

    every = client.post(address, typed | {"all": "deployment.alerts"})
    alerts = {f"deployment.alerts.{each}" for each in ("get", "create", "update", "delete")}
    assert ticked(every) == {"deployment.get"} | alerts
    assert 'value="Mine"' in every.content.decode()

    assert ticked(client.post(address, typed | {"none": "deployment"})) == set()

    found = client.post(address, typed | {"search": "1", "q": "XCOM"})
    shown = [s.group.key for s in found.context["shelves"] if not s.is_hidden]
    assert shown == ["deployment.airflow.xcom"]
    assert ticked(found) == {"deployment.get"}

    region = client.post(
        address, typed | {"search": "1"}, headers={"HX-Request": "true", "HX-Target": "permissions"}
    )
    assert "<form" not in region.content.decode()
    assert not CustomRole.objects.exists()


@pytest.mark.parametrize(
    ("start", "scope", "held"),
    [
        ("template-Author", "DEPLOYMENT", "deployment.airflow.dagRun.create"),
        ("WORKSPACE_OWNER", "WORKSPACE", "workspace.roles.update"),
        ("waker", "DEPLOYMENT", "deployment.update"),
    ],
)
def test_a_role_starts_from_a_template_or_another_role(
    client: Client, olivia: User, acme: Organization, waker: CustomRole,
    start: str, scope: str, held: str,
) -> None:  # fmt: skip
    client.force_login(olivia)

    answer = client.post(
        reverse("accounts:role_create", args=[acme.pk]),
        {"name": "Mine", "start": "1", "start_from": waker.pk if start == "waker" else start},
    )

    assert held in ticked(answer)
    assert answer.context["form"]["scope_type"].value() == scope


def test_nothing_is_saved_before_it_was_shown_whom_it_affects(
    client: Client, olivia: User, mia: User, etl: Deployment, waker: CustomRole
) -> None:
    client.force_login(olivia)
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=waker)
    wider = {"permissions": ["deployment.update", "deployment.logs.get"]}

    review = send(client, waker, **wider)
    waker.refresh_from_db()
    assert waker.permissions == ["deployment.update"]
    assert review.status_code == 200
    assert "mia@example.com" in review.content.decode()
    shown = review.context["reviewed"]  # type: ignore[attr-defined]

    other = send(client, waker, permissions=["deployment.delete"], save=shown)
    waker.refresh_from_db()
    assert other.status_code == 200
    assert waker.permissions == ["deployment.update"], "what is saved is what was shown"

    assert send(client, waker, **wider, save=shown).status_code == 302
    waker.refresh_from_db()
    assert waker.permissions == ["deployment.logs.get", "deployment.update"]


def test_the_second_of_two_sees_both_versions_and_may_go_on(
    client: Client, olivia: User, waker: CustomRole
) -> None:
    client.force_login(olivia)
    shown = send(client, waker, name="Mine").context["reviewed"]  # type: ignore[attr-defined]
    CustomRole.objects.filter(pk=waker.pk).update(
        version=2, name="Theirs", permissions=["deployment.delete"]
    )

    stale = send(client, waker, name="Mine", save=shown)

    assert stale.status_code == 409
    text = stale.content.decode()
    assert "Theirs" in text
    assert "deployment.delete" in text
    assert 'value="Mine"' in text
    assert 'name="version" value="2"' in text
    again = send(client, waker, name="Mine", version=2, save=shown)
    assert again.status_code == 302
    assert CustomRole.objects.get(pk=waker.pk).name == "Mine"


def test_a_role_goes_by_its_typed_name_and_not_while_it_is_held(
    client: Client, olivia: User, mia: User, etl: Deployment, waker: CustomRole
) -> None:
    client.force_login(olivia)
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=waker)
    address = reverse("accounts:role_delete", args=[waker.organization_id, waker.pk])

    assert client.post(address, {"confirmation": "waker"}).status_code == 422
    held = client.post(address, {"confirmation": "Waker"})
    assert held.status_code == 422
    assert "mia@example.com in prod-etl" in held.content.decode()

    gone = client.post(address, {"confirmation": "Waker", "removes_grants": "on"})
    assert gone.status_code == 302
    assert not CustomRole.objects.exists()


def test_another_organizations_role_is_not_there(
    client: Client, olivia: User, umbrella: Organization, acme: Organization
) -> None:
    client.force_login(olivia)
    theirs = CustomRole.objects.create(
        organization=umbrella, name="T", scope_type="WORKSPACE", permissions=["workspace.update"]
    )

    for route in ("role", "role_edit", "role_delete"):
        address = reverse(f"accounts:{route}", args=[acme.pk, theirs.pk])
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "x", "confirmation": "T"}).status_code == 404


def test_a_member_reads_the_default_roles_and_is_told_who_makes_others(
    client: Client, mia: User, acme: Organization, waker: CustomRole
) -> None:
    client.force_login(mia)

    text = client.get(reverse("accounts:roles", args=[acme.pk])).content.decode()

    assert "Waker" not in text
    assert "Needs Organization Owner." in text
    one = client.get(reverse("accounts:role_default", args=[acme.pk, "WORKSPACE_AUTHOR"]))
    assert "deployment.airflow.dagRun.create" in one.content.decode()


def test_the_list_asks_as_much_for_two_roles_as_for_twenty(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)
    address = reverse("accounts:roles", args=[acme.pk])

    def queries_for(number: int) -> int:
        for n in range(CustomRole.objects.count(), number):
            CustomRole.objects.create(
                organization=acme, name=f"r{n}", scope_type="WORKSPACE", permissions=["x"]
            )
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    queries_for(2)
    assert queries_for(2) == queries_for(20)


@pytest.fixture
def clerk(acme: Organization) -> User:
    """Reads roles, and may know of no Workspace or Deployment."""
    return factories.narrow("clerk", acme, "organization.customRoles.get")


def test_a_reader_sees_a_number_for_the_places_that_they_may_not_know_of(
    client: Client, clerk: User, olivia: User, mia: User, etl: Deployment, waker: CustomRole
) -> None:
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=waker)
    CustomRole.objects.filter(pk=waker.pk).update(restricted_workspace_ids=[etl.workspace_id])
    address = reverse("accounts:role", args=[waker.organization_id, waker.pk])

    client.force_login(olivia)
    whole = client.get(address).content.decode()
    client.force_login(clerk)
    narrow = client.get(address).content.decode()

    assert "prod-etl" in whole
    assert "It can be given in Data Science, and nowhere else." in whole
    assert "may not see" not in whole
    for word in ("prod-etl", "Data Science", etl.workspace_id, "mia@example.com"):
        assert word not in narrow
    assert "1 grant where you may not see it." in narrow
    assert "It can be given in 1 that you may not see, and nowhere else." in narrow
