"""A list of networks is tried before it counts, and nobody shuts themselves out by one."""

from __future__ import annotations

import pytest
from django.test import Client

from access.policy import PermissionDenied
from access.scopes import Principal
from accounts import ip_trial
from accounts.ip_ranges import Range, version
from accounts.models import ApiToken, Organization, User
from audit.models import AuditRecord, Outcome
from tests.accounts.networks import HOME, LIST, OFFICE, at, from_, page
from tests.factories import restrict


def form(organization: Organization, ranges: str = LIST, **others: str) -> dict[str, str]:
    organization.refresh_from_db()
    return {"restricts": "on", "ranges": ranges, "seen": version(organization)} | others


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


def test_an_empty_list_does_not_count(client: Client, acme: Organization, olivia: User) -> None:
    answer = at(client, olivia, OFFICE).post(page(acme), form(acme, ""))

    assert "List at least one network" in answer.content.decode()


def test_the_trial_is_for_those_who_may_change_the_list(acme: Organization, mia: User) -> None:
    with pytest.raises(PermissionDenied):
        ip_trial.of(acme, [], actor=from_(OFFICE, mia.principal))
