"""An Organization that may be used from certain networks only."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from access.actor import Actor
from access.permissions import Permission
from access.roles import Role
from accounts.models import ApiToken, Organization, OrganizationRoleBinding, User
from audit.models import AuditRecord, Outcome
from deployments.models import Deployment, DeploymentRoleBinding
from tests.accounts.networks import HOME, LIST, OFFICE, at, from_, page
from tests.factories import restrict


def test_who_comes_from_a_listed_network_notices_nothing(
    client: Client, acme: Organization, mia: User
) -> None:
    restrict(acme, LIST)

    for address in (OFFICE, f"::ffff:{OFFICE}", "2001:db8:12::5"):
        assert at(client, mia, address).get(f"/organizations/{acme.pk}/").status_code == 200


def test_who_comes_from_elsewhere_reads_cause_own_address_and_whom_to_ask(
    client: Client, acme: Organization, olivia: User, mia: User, etl: Deployment
) -> None:
    restrict(acme, LIST)
    at(client, olivia, HOME)

    for url in ("/", f"/organizations/{acme.pk}/", f"/deployments/{etl.pk}/", page(acme)):
        answer = client.get(url)
        assert answer.status_code == 403
        words = answer.content.decode()
        assert "Your address may not use this Organization" in words
        assert HOME in words
        assert "olivia@example.com" in words


def test_a_stranger_does_not_learn_of_the_list(
    client: Client, acme: Organization, oscar: User
) -> None:
    restrict(acme, LIST)

    assert at(client, oscar, HOME).get(f"/organizations/{acme.pk}/").status_code == 404


def test_who_is_in_two_organizations_is_shut_out_of_the_one_alone(
    client: Client, acme: Organization, umbrella: Organization, mia: User
) -> None:
    OrganizationRoleBinding.objects.create(
        organization=umbrella, user=mia, role=Role.ORGANIZATION_MEMBER
    )
    restrict(acme, LIST)
    at(client, mia, HOME)

    assert client.get(f"/organizations/{umbrella.pk}/").status_code == 200
    assert client.get(f"/organizations/{acme.pk}/").status_code == 403
    assert client.get("/")["Location"] == f"/organizations/{umbrella.pk}/"
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_every_kind_of_grant_counts_only_from_there(
    acme: Organization, etl: Deployment, wanda: User, oliver: User
) -> None:
    DeploymentRoleBinding.objects.create(deployment=etl, user=oliver, role=Role.DEPLOYMENT_ADMIN)
    restrict(acme, LIST)

    for user, right in ((wanda, Permission.DEPLOYMENT_GET), (oliver, Permission.DEPLOYMENT_UPDATE)):
        assert from_(OFFICE, user.principal).can(right, etl)
        assert not from_(HOME, user.principal).roles
        assert not from_("", user.principal).roles, "an address that is not known is not listed"
        visible = Deployment.objects.visible_to(from_(HOME, user.principal), right)
        assert not visible.exists()


def test_questions_about_somebody_do_not_depend_on_where_they_are_asked(
    acme: Organization, wanda: User, etl: Deployment
) -> None:
    restrict(acme, LIST)

    assert Actor(wanda.principal).can(Permission.DEPLOYMENT_GET, etl)


def test_the_check_costs_no_question_more(
    acme: Organization, wanda: User, django_assert_num_queries: object
) -> None:
    restrict(acme, LIST)

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert from_(OFFICE, wanda.principal).roles


def test_an_operator_still_resumes_what_admits_others_only(
    client: Client, acme: Organization, opal: User
) -> None:
    restrict(acme, LIST)

    answer = at(client, opal, HOME).get(reverse("installation:organization", args=[acme.pk]))

    assert answer.status_code == 200


def test_a_refusal_is_written_down_once_an_hour_for_each_address(
    client: Client, acme: Organization, mia: User
) -> None:
    restrict(acme, LIST)
    at(client, mia, HOME)
    for _ in range(3):
        client.get(f"/organizations/{acme.pk}/")
    client.defaults["REMOTE_ADDR"] = "192.0.2.1"
    client.get(f"/organizations/{acme.pk}/")

    rows = AuditRecord.objects.filter(action="accounts.enter", outcome=Outcome.REFUSED)
    assert sorted(rows.values_list("actor_label", "source_ip", "organization_id")) == [
        ("mia@example.com", "192.0.2.1", acme.pk),
        ("mia@example.com", HOME, acme.pk),
    ]


def test_whoever_has_the_machine_lets_everybody_in(acme: Organization, mia: User) -> None:
    restrict(acme, LIST)
    out = StringIO()

    call_command("ip_access", "show", acme.pk, stdout=out)
    call_command("ip_access", "clear", acme.pk, stdout=out)

    assert "203.0.113.0/24 Office" in out.getvalue()
    assert "Acme admits everybody now." in out.getvalue()
    assert from_(HOME, mia.principal).roles
    row = AuditRecord.objects.get(action="accounts.clear_ip_access")
    assert (row.actor_label, row.door) == ("console ip-access", "cli")
    assert row.before["ip_ranges"][0]["network"] == "203.0.113.0/24"


def test_a_token_knows_its_own_organization_only_from_there(
    acme: Organization, pipeline_token: ApiToken
) -> None:
    restrict(acme, LIST)

    assert from_(OFFICE, pipeline_token.principal).can(Permission.ORGANIZATION_GET, acme)
    assert not from_(HOME, pipeline_token.principal).roles
