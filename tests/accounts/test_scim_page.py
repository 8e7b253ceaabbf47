"""The page of SCIM: on and off, the last calls, and who is left over."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from access.actor import system
from accounts.models import Organization, ProvisionedGroup, ProvisionedUser, Team, User
from accounts.services.provisioning import calls
from accounts.services.provisioning.calls import Outcome
from accounts.services.provisioning.switching import switch_scim
from astro_ui.bench.waiting import until
from audit.models import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, acme: Organization, olivia: User) -> str:
    client.force_login(olivia)
    return f"/organizations/{acme.pk}/scim/"


def _outcome(number: int, status: int = 200, detail: str = "") -> Outcome:
    return Outcome(
        at=time.time(),
        method="GET",
        path=f"/Users/{number}",
        status=status,
        detail=detail,
        took_ms=1.5,
        token="idp",
        user_agent="test",
    )


def test_it_is_switched_on_and_off_and_written_down(
    client: Client, page: str, acme: Organization
) -> None:
    for word, said in (("on", "SCIM is on"), ("off", "SCIM is off")):
        answer = client.post(page, {word: "1"}, follow=True)
        assert said in answer.content.decode()
        acme.refresh_from_db()
        assert acme.is_scim_on is (word == "on")
    assert AuditRecord.objects.filter(action="accounts.switch_scim").count() == 2


def test_it_says_the_base_url(client: Client, page: str, acme: Organization) -> None:
    assert f"/scim/v2/{acme.pk}" in client.get(page).content.decode()


def test_the_last_1000_calls_are_kept_and_shown(
    client: Client, page: str, acme: Organization
) -> None:
    for number in range(calls.KEPT + 5):
        calls.note(acme.pk, _outcome(number))
    refusal = _outcome(9999, 409, "Another user of this Organization has this userName.")
    calls.note(acme.pk, refusal)
    until(lambda: calls.last(acme.pk, 1)[:1] == [refusal], "the last call is kept")
    assert len(calls.last(acme.pk)) == calls.KEPT

    shown = client.get(page).content.decode()
    assert "/Users/9999" in shown
    assert "has this userName" in shown
    assert "/Users/900" not in shown
    older = client.get(page, {"after": "100"}).content.decode()
    assert "/Users/905" in older
    refused = client.get(page, {"outcome": "refused"}).content.decode()
    assert "/Users/9999" in refused
    assert "/Users/1004" not in refused
    assert "/Users/77<" in client.get(page, {"q": "users/77"}).content.decode()


def test_calls_of_another_organization_are_not_shown(
    client: Client, page: str, umbrella: Organization
) -> None:
    calls.note(umbrella.pk, _outcome(4711))
    until(lambda: calls.last(umbrella.pk), "the call is kept")
    assert "/Users/4711" not in client.get(page).content.decode()


def test_without_redis_the_page_says_so(client: Client, page: str, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    calls.note("any", _outcome(1))
    assert "cannot be shown" in client.get(page).content.decode()


def test_who_is_left_over_is_listed(
    client: Client, page: str, acme: Organization, olivia: User, mia: User, wanda: User
) -> None:
    for user, is_active in ((mia, True), (wanda, False)):
        ProvisionedUser.objects.create(
            organization=acme,
            user=user,
            user_name=user.email,
            user_name_key=user.email,
            is_active=is_active,
        )
    ProvisionedUser.objects.create(
        organization=acme, user_name="Waiting@else.org", user_name_key="waiting@else.org"
    )
    shown = client.get(f"{page}reconcile/").content.decode()
    assert "wanda@example.com" in shown
    assert "olivia@example.com" in shown
    assert "mia@example.com" not in shown
    assert "Waiting@else.org" in shown


def test_nobody_left_over_has_its_own_words(
    client: Client, page: str, acme: Organization, olivia: User
) -> None:
    ProvisionedUser.objects.create(
        organization=acme, user=olivia, user_name="olivia", user_name_key="olivia"
    )
    shown = client.get(f"{page}reconcile/", {"q": ""}).content.decode()
    assert "Nobody is left over" in shown


def test_its_teams_are_the_providers_while_it_is_on(acme: Organization) -> None:
    own = Team.objects.create(organization=acme, name="Own", is_idp_managed=True)
    ProvisionedGroup.objects.create(team=own, organization=acme)
    for is_on in (False, True):
        switch_scim(acme, is_on=is_on, actor=system("test"))
        assert Team.objects.get(pk=own.pk).is_idp_managed is is_on
