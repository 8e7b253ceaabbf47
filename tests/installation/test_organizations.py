"""Organizations as operators make, suspend and resume them."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from access.policy import PermissionDenied
from access.roles import Role
from accounts.models import Installation, Organization, OrganizationRoleBinding, User
from accounts.services import tenants
from audit.models import AuditRecord
from deployments import tasks
from deployments.models import Deploy, Deployment
from deployments.services.deploys import begin
from tests import factories
from tests.deployments.driving import fresh, settle
from tests.factories import actor
from tests.installation.asking import queries_of
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace

REASON = "The invoice of March is open."


@pytest.fixture
def suspended(acme: Organization, opal: User) -> Organization:
    return tenants.suspend(acme, reason=REASON, contact="ops@example.com", actor=actor(opal))


def organization(*words: str) -> str:
    out = StringIO()
    call_command("organization", *words, stdout=out)
    return out.getvalue()


# Made


def test_a_stranger_becomes_owner_by_the_link(client: Client, opal: User) -> None:
    client.force_login(opal)
    page = client.post(
        reverse("installation:organization_create"),
        {"name": "Initech", "owner_email": "Peter@Example.com"},
    )

    made = Organization.objects.get(name="Initech")
    link = page.content.decode().split("data-copy=")[2].split('"')[1]
    assert "no-store" in page["Cache-Control"]
    newcomer = Client()
    newcomer.get(link.split("localhost:8000")[1])
    newcomer.post(
        "/accounts/signup/",
        {"full_name": "Peter", "email": "peter@example.com", "password1": "quiet-harbour-71"},
    )
    binding = OrganizationRoleBinding.objects.get(organization=made)
    assert (binding.user and binding.user.email, binding.role) == (
        "peter@example.com", Role.ORGANIZATION_OWNER,
    )  # fmt: skip
    assert not OrganizationRoleBinding.objects.filter(user=opal).exists()


def test_who_has_an_account_is_owner_at_once(opal: User, mia: User) -> None:
    made = tenants.create_organization(
        Installation.current(), name="Initech", owner_email="MIA@example.com", actor=actor(opal)
    )

    assert made.owner_link == ""
    assert OrganizationRoleBinding.objects.get(organization=made).user == mia


def test_it_stands_in_both_logs(client: Client, opal: User) -> None:
    made = tenants.create_organization(
        Installation.current(), name="Initech", owner_email="p@example.com", actor=actor(opal)
    )

    row = AuditRecord.objects.get(organization_id=made.pk, action="accounts.create_organization")
    assert row.after["name"] == "Initech"
    assert AuditRecord.objects.filter(organization_id=made.pk, action="accounts.invite").exists()
    client.force_login(opal)
    log = client.get(reverse("installation:audit")).content.decode()
    assert "accounts.create_organization" in log
    assert "Initech" in log


@pytest.mark.parametrize(
    ("name", "email"), [("", "p@example.com"), ("x" * 51, "p@x.com"), ("A", "p")]
)
def test_what_cannot_be_makes_nothing(opal: User, name: str, email: str) -> None:
    with pytest.raises(InvalidInput):
        tenants.create_organization(
            Installation.current(), name=name, owner_email=email, actor=actor(opal)
        )

    assert not Organization.objects.exists()


def test_an_owner_of_one_makes_suspends_and_resumes_none(olivia: User, acme: Organization) -> None:
    with pytest.raises(PermissionDenied):
        tenants.suspend(acme, reason="mine", contact="", actor=actor(olivia))
    with pytest.raises(PermissionDenied):
        tenants.create_organization(
            Installation.current(), name="B", owner_email="b@example.com", actor=actor(olivia)
        )

    acme.refresh_from_db()
    assert acme.status == Organization.Status.ACTIVE


# Suspended


def test_its_people_read_why_and_whom_to_ask_wherever_they_look(
    client: Client, mia: User, etl: Deployment, science: Workspace, suspended: Organization
) -> None:
    client.force_login(mia)

    for address in (
        "/",
        reverse("deployments:home", args=[suspended.pk]),
        reverse("accounts:members", args=[suspended.pk]),
        reverse("workspaces:settings", args=[science.pk]),
        reverse("deployments:detail", args=[etl.pk]),
    ):
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 403, address
        assert "This Organization is suspended" in page
        assert REASON in page
        assert "Ask ops@example.com." in page


def test_to_strangers_it_does_not_exist(
    client: Client, oscar: User, etl: Deployment, suspended: Organization
) -> None:
    client.force_login(oscar)

    for address in (
        reverse("deployments:home", args=[suspended.pk]),
        reverse("deployments:detail", args=[etl.pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == 404
        assert REASON not in answer.content.decode()


def test_another_organization_of_theirs_stays_open(
    client: Client, mia: User, umbrella: Organization, suspended: Organization
) -> None:
    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=mia, role=Role.ORGANIZATION_MEMBER
    )
    client.force_login(mia)

    assert client.get("/")["Location"] == reverse("deployments:home", args=[umbrella.pk])
    assert client.get(reverse("deployments:home", args=[umbrella.pk])).status_code == 200


def test_its_tokens_answer_403_with_the_reason(
    client: Client, acme: Organization, etl: Deployment, opal: User
) -> None:
    values = [
        factories.organization_token(acme, Role.ORGANIZATION_OWNER),
        factories.deployment_token(etl).value,
    ]
    tenants.suspend(acme, reason=REASON, contact="", actor=actor(opal))

    for value in values:
        for path in ("", f"/deployments/{etl.pk}"):
            answer = client.get(
                f"/v1/organizations/{acme.pk}{path}",
                headers={"Authorization": f"Bearer {value}"},
            )
            body = json.loads(answer.content)
            assert (answer.status_code, body["statusCode"]) == (403, 403)
            assert REASON in body["message"]
            assert "whoever runs this console" in body["message"]


def test_an_upload_that_was_begun_before_is_refused(
    client: Client, etl: Deployment, oliver: User, opal: User, acme: Organization
) -> None:
    deploy: Deploy = begin(etl, actor=actor(oliver))
    tenants.suspend(acme, reason=REASON, contact="", actor=actor(opal))

    answer = client.put(f"/uploads/{deploy.pk}/bundle.tar.gz?sig={deploy.upload_secret}", b"x")

    assert answer.status_code == 403
    assert REASON in json.loads(answer.content)["message"]


def test_what_ran_sleeps_and_wakes_with_it_and_what_slept_before_does_not(
    running: Deployment, science: Workspace, acme: Organization, opal: User
) -> None:
    asleep = factories.deployment(science, "asleep", wish="STOPPED", status="HIBERNATING")
    tenants.suspend(acme, reason=REASON, contact="", actor=actor(opal))
    tasks.sweep()
    assert settle(running).status == "HIBERNATING"

    acme.refresh_from_db()
    tenants.resume(acme, actor=actor(opal))
    tasks.sweep()
    tasks.sweep()

    assert settle(running).status == "HEALTHY"
    assert not fresh(running).sleeps_by_suspension
    assert fresh(asleep).status == "HIBERNATING"
    by = AuditRecord.objects.filter(deployment_id=running.pk, actor_label="suspension")
    assert set(by.values_list("action", flat=True)) == {"deployments.hibernate", "deployments.wake"}


def test_what_is_being_created_sleeps_once_that_has_ended(
    new: Deployment, acme: Organization, opal: User
) -> None:
    tenants.suspend(acme, reason=REASON, contact="", actor=actor(opal))
    tasks.sweep()
    assert fresh(new).status == "CREATING"
    assert settle(new).status == "HEALTHY"

    tasks.sweep()

    assert settle(new).status == "HIBERNATING"


def test_suspending_asks_for_the_name_and_says_what_it_does(
    client: Client, opal: User, acme: Organization, etl: Deployment
) -> None:
    client.force_login(opal)
    address = reverse("installation:organization_suspend", args=[acme.pk])
    page = client.get(address).content.decode()
    assert "Its 1 awake Deployment hibernates" in page
    assert opal.email in page

    refused = client.post(address, {"reason": REASON, "confirmation": "Umbrella"})
    assert (refused.status_code, "Type Acme" in refused.content.decode()) == (422, True)

    client.post(address, {"reason": REASON, "contact": "", "confirmation": "Acme"})
    acme.refresh_from_db()
    assert acme.status == Organization.Status.SUSPENDED


def test_resume_lets_people_in_at_once_and_both_stand_in_both_logs(
    client: Client, mia: User, opal: User, suspended: Organization
) -> None:
    client.force_login(opal)
    client.post(reverse("installation:organization_resume", args=[suspended.pk]))

    log = client.get(reverse("installation:audit")).content.decode()
    assert "accounts.suspend" in log
    assert "accounts.resume" in log
    client.force_login(mia)
    assert client.get(reverse("deployments:home", args=[suspended.pk])).status_code == 200
    own = AuditRecord.objects.filter(organization_id=suspended.pk).order_by("id")
    assert [(row.action, row.after["status"]) for row in own] == [
        ("accounts.suspend", "SUSPENDED"),
        ("accounts.resume", "ACTIVE"),
    ]
    suspended.refresh_from_db()
    with pytest.raises(Conflict):
        tenants.resume(suspended, actor=actor(opal))


def test_the_list_asks_no_more_for_twenty_than_for_two(client: Client, opal: User) -> None:
    client.force_login(opal)

    def asked(names: range) -> int:
        for number in names:
            Organization.objects.create(name=f"Tenant {number:02}")
        return queries_of(client, reverse("installation:organizations"))

    assert asked(range(2)) == asked(range(2, 20))


def test_the_command_does_the_same(acme: Organization, mia: User) -> None:
    made, link = organization("create", "Initech", "--owner", "p@example.com").split()
    assert f"{made}\tACTIVE\t0\t0\tInitech" in organization("list")
    assert "/invitation/" in link

    assert "is suspended" in organization("suspend", acme.pk, "--reason", REASON)
    assert f"{acme.pk}\tSUSPENDED\t1\t0\tAcme" in organization("list")
    assert "is active again" in organization("resume", acme.pk)
    with pytest.raises(CommandError, match="is not suspended"):
        organization("resume", acme.pk)
    with pytest.raises(CommandError, match="no such Organization"):
        organization("suspend", "c" + "0" * 24, "--reason", REASON)
