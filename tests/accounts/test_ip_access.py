"""An Organization that may be used from certain networks only."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from access.actor import Actor, Origin
from access.permissions import Permission
from access.policy import PermissionDenied
from access.roles import Role
from access.scopes import Principal
from accounts import ip_access, ip_ranges, ip_trial
from accounts.ip_ranges import Range, parse, version
from accounts.models import ApiToken, Organization, OrganizationRoleBinding, User
from audit.models import AuditRecord, Outcome
from deployments.models import Deployment, DeploymentRoleBinding
from tests.factories import restrict
from web.errors import InvalidInput

OFFICE, HOME = "203.0.113.7", "198.51.100.9"
LIST = "203.0.113.0/24 Office\n2001:db8:12::/48"


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    cache.clear()


def at(client: Client, user: User, address: str) -> Client:
    client.force_login(user)
    client.defaults["REMOTE_ADDR"] = address
    return client


def from_(address: str, principal: Principal, door: str = "page") -> Actor:
    return Actor(principal, Origin(door=door, source_ip=address))


def page(organization: Organization) -> str:
    return reverse("accounts:ip_access", args=[organization.pk])


def form(organization: Organization, ranges: str = LIST, **others: str) -> dict[str, str]:
    organization.refresh_from_db()
    return {"restricts": "on", "ranges": ranges, "seen": version(organization)} | others


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


def test_a_list_that_shuts_its_author_out_is_refused(
    client: Client, acme: Organization, olivia: User
) -> None:
    answer = at(client, olivia, HOME).post(page(acme), form(acme))

    words = answer.content.decode()
    assert answer.status_code == 422
    assert f"You come from {HOME}" in words
    assert "203.0.113.0/24 Office" in words, "what was typed is kept"
    acme.refresh_from_db()
    assert not acme.restricts_ip


def test_a_list_that_shuts_nobody_out_is_saved_at_once(
    client: Client, acme: Organization, olivia: User
) -> None:
    assert at(client, olivia, OFFICE).post(page(acme), form(acme)).status_code == 302

    acme.refresh_from_db()
    assert (acme.restricts_ip, acme.admitted_networks) == (
        True, ["203.0.113.0/24", "2001:db8:12::/48"],
    )  # fmt: skip
    row = AuditRecord.objects.get(action="accounts.update_ip_access")
    assert row.after["ip_ranges"][0] == {"network": "203.0.113.0/24", "note": "Office"}


def worked(organization: Organization, principal: Principal, address: str) -> None:
    AuditRecord.objects.create(
        organization_id=organization.pk, actor_kind=principal.kind, actor_id=principal.id,
        actor_label=principal.label, action="deployments.deploy", target_type="Deployment",
        target_id="d", target_label="d", door="page", source_ip=address,
    )  # fmt: skip


def token_of(token: ApiToken) -> Principal:
    return Principal("API_TOKEN", token.pk, token.name)  # type: ignore[arg-type]


def test_whom_a_list_would_shut_out_is_shown_before_it_is_saved(
    client: Client, acme: Organization, olivia: User, mia: User, pipeline_token: ApiToken
) -> None:
    worked(acme, mia.principal, HOME)
    worked(acme, mia.principal, OFFICE)
    worked(acme, token_of(pipeline_token), HOME)
    at(client, olivia, OFFICE)

    answer = client.post(page(acme), form(acme))

    words = answer.content.decode()
    assert answer.status_code == 422
    assert "1 person and 1 token used other addresses in the last 30 days." in words
    assert "mia@example.com" in words
    assert pipeline_token.name in words
    acme.refresh_from_db()
    assert not acme.restricts_ip

    sure = form(acme, tried=answer.context["form"]["tried"].value())
    assert client.post(page(acme), sure).status_code == 302
    acme.refresh_from_db()
    assert acme.restricts_ip


def test_a_confirmation_is_for_the_list_that_was_shown(
    client: Client, acme: Organization, olivia: User, mia: User
) -> None:
    worked(acme, mia.principal, HOME)
    at(client, olivia, OFFICE)
    shown = client.post(page(acme), form(acme)).context["form"]["tried"].value()

    answer = client.post(page(acme), form(acme, "203.0.113.0/25", tried=shown))

    assert answer.status_code == 422


def test_trying_saves_nothing(client: Client, acme: Organization, olivia: User) -> None:
    answer = at(client, olivia, OFFICE).post(page(acme), form(acme, **{"try": "1"}))

    assert "Nobody used another address in the last 30 days." in answer.content.decode()
    acme.refresh_from_db()
    assert acme.ip_ranges == []


def test_a_trial_leaves_out_who_is_gone_and_what_is_long_ago(
    acme: Organization, olivia: User, oscar: User, pipeline_token: ApiToken
) -> None:
    worked(acme, oscar.principal, HOME)
    worked(acme, token_of(pipeline_token), HOME)
    ApiToken.objects.update(revoked_at="2026-01-01T00:00:00Z")
    AuditRecord.objects.bulk_create(
        [AuditRecord(organization_id=acme.pk, actor_kind="USER", actor_id=olivia.pk, source_ip=HOME,
                     outcome=Outcome.REFUSED)]
    )  # fmt: skip

    trial = ip_trial.of(acme, [Range("203.0.113.0/24")], actor=from_(OFFICE, olivia.principal))

    assert (trial.people, trial.tokens) == ((), ())


def test_two_who_edit_the_list_lose_nothing(
    client: Client, acme: Organization, olivia: User
) -> None:
    mine = form(acme, "203.0.113.0/24 mine")
    restrict(acme, "203.0.113.0/24 theirs")
    at(client, olivia, OFFICE)

    answer = client.post(page(acme), mine)

    words = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody else changed the list meanwhile" in words
    assert "203.0.113.0/24 theirs" in words
    assert "203.0.113.0/24 mine" in words
    again = mine | {"seen": answer.context["form"]["seen"].value()}
    assert client.post(page(acme), again).status_code == 302


def test_switched_off_the_list_is_kept_and_everybody_admitted(
    client: Client, acme: Organization, olivia: User, mia: User
) -> None:
    restrict(acme, LIST)
    off = form(acme) | {"restricts": ""}

    assert at(client, olivia, OFFICE).post(page(acme), off).status_code == 302

    acme.refresh_from_db()
    assert len(acme.ip_ranges) == 2
    assert from_(HOME, mia.principal).roles


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("203.0.113.0/24\nnonsense", "Line 2: nonsense is not an address or network."),
        ("203.0.113.7/24", "Line 1: 203.0.113.7/24 is no network. Did you mean 203.0.113.0/24?"),
        ("::ffff:203.0.113.0/120", "Line 1: write IPv4 networks as such, as 192.0.2.0/24."),
        ("203.0.113.0/33", "Line 1: 203.0.113.0/33 is not an address or network."),
        ("203.0.113.0/24 " + "x" * 101, "Line 1: a note has at most 100 characters."),
        ("\n".join(f"10.0.{n}.0/24" for n in range(201)), "At most 200 networks; these are 201."),
    ],
)
def test_a_line_that_is_no_network_is_named(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(text)

    assert refused.value.fields == {"ranges": fault}


def test_lines_are_read_as_people_write_them() -> None:
    text = (
        "  203.0.113.0/24   # Office Berlin\n\n2001:DB8:0012::/48\n203.0.113.9\n203.0.113.9 twice"
    )

    assert parse(text) == [
        Range("203.0.113.0/24", "Office Berlin"), Range("2001:db8:12::/48"),
        Range("203.0.113.9/32"),
    ]  # fmt: skip


def test_an_empty_list_does_not_count(client: Client, acme: Organization, olivia: User) -> None:
    answer = at(client, olivia, OFFICE).post(page(acme), form(acme, ""))

    assert "List at least one network" in answer.content.decode()


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


def test_the_trial_is_for_those_who_may_change_the_list(acme: Organization, mia: User) -> None:
    with pytest.raises(PermissionDenied):
        ip_trial.of(acme, [], actor=from_(OFFICE, mia.principal))


def test_notes_do_not_make_another_list() -> None:
    assert ip_ranges.named([Range("10.0.0.0/8", "a")]) == ip_ranges.named([Range("10.0.0.0/8")])


def test_what_is_no_address_lies_in_no_network() -> None:
    assert not ip_access.holds(["0.0.0.0/0", "::/0"], "nowhere")


def test_a_token_knows_its_own_organization_only_from_there(
    acme: Organization, pipeline_token: ApiToken
) -> None:
    restrict(acme, LIST)

    assert from_(OFFICE, pipeline_token.principal).can(Permission.ORGANIZATION_GET, acme)
    assert not from_(HOME, pipeline_token.principal).roles
