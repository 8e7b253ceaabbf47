"""The sign-in page asks for the e-mail first, and tells nobody who has an account."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import SsoConnection, User
from tests import factories

LOGIN = "/accounts/login/"


def test_people_of_a_domain_are_sent_to_its_provider(
    client: Client, sso: SsoConnection, mia: User
) -> None:
    """Whether they have an account or not."""
    answer = client.post(LOGIN, {"login": "Nina@Example.com", "next": "/profile/"})

    assert answer["Location"] == f"/accounts/sso/{sso.key}/login/?next=%2Fprofile%2F"


def test_others_go_on_to_their_password(client: Client, sso: SsoConnection, opal: User) -> None:
    page = client.post(LOGIN, {"login": "gast@elsewhere.example"}).content.decode()

    assert 'value="gast@elsewhere.example" readonly' in page
    assert 'name="password"' in page


def test_an_unknown_address_reads_like_a_known_one(client: Client, mia: User) -> None:
    def shown(email: str) -> str:
        page = client.post(LOGIN, {"login": email}).content.decode()
        return re.sub(r'"\w{64}"', "", page).replace(email, "…")

    assert shown("mia@example.com") == shown("nobody@example.com")


def test_without_a_rule_a_password_still_leads_in(
    client: Client, sso: SsoConnection, mia: User
) -> None:
    page = client.post(LOGIN, {"login": mia.email, "by": "password"})
    assert 'name="password"' in page.content.decode()

    client.post(LOGIN, {"login": mia.email, "password": factories.PASSWORD})

    assert client.get("/profile/").status_code == 200


@pytest.mark.parametrize("state", ["DRAFT", "TESTED", "OFF"])
def test_nobody_is_sent_to_a_connection_that_does_not_run(
    client: Client, sso: SsoConnection, mia: User, state: str
) -> None:
    sso.state = state
    sso.save()

    page = client.post(LOGIN, {"login": mia.email})

    assert 'name="password"' in page.content.decode()
    assert client.get(f"/accounts/sso/{sso.key}/login/").status_code == 403


def test_nobody_is_sent_anywhere_for_a_domain_that_is_not_proven(
    client: Client, sso: SsoConnection, mia: User
) -> None:
    sso.domains.update(proven_at=None)

    page = client.post(LOGIN, {"login": mia.email})

    assert 'name="password"' in page.content.decode()


def test_nobody_is_sent_to_the_provider_of_a_suspended_organization(
    client: Client, sso: SsoConnection, mia: User
) -> None:
    sso.organization.status = "SUSPENDED"
    sso.organization.save()

    page = client.post(LOGIN, {"login": mia.email})

    assert 'name="password"' in page.content.decode()


def test_what_is_no_address_is_said(client: Client, mia: User) -> None:
    page = client.post(LOGIN, {"login": "mia"})

    assert page.status_code == 422
    assert "Enter a valid email address" in page.content.decode()


def test_where_to_go_on_to_is_kept_through_both_steps(client: Client, mia: User) -> None:
    page = client.post(LOGIN, {"login": mia.email, "next": "/profile/"}).content.decode()

    assert '<input type="hidden" name="next" value="/profile/">' in page


def test_passkeys_are_offered_at_once(client: Client, mia: User) -> None:
    assert "Sign in with a passkey" in client.get(LOGIN).content.decode()
