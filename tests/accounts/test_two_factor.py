"""Two-factor sign-in: codes are good once, wrong ones limited, and all of it written down."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import Organization, User
from audit.models import AuditRecord
from tests.accounts.second_factor import LOGIN, SECOND, code, is_in, rows, second, with_password

pytestmark = pytest.mark.usefixtures("in_the_middle_of_a_step")


def test_the_password_alone_opens_nothing(client: Client, mia: User, app: Authenticator) -> None:
    assert with_password(client, mia) == SECOND
    assert not is_in(client)
    assert second(client, code()) == "in"
    assert is_in(client)
    assert rows("accounts.sign_in") == [
        ("mia@example.com", "DONE", {"by": ["password", "authenticator app"]})
    ]


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_clock_that_is_off_by_one_step_is_forgiven(
    client: Client, mia: User, app: Authenticator, steps: int
) -> None:
    with_password(client, mia)

    assert second(client, code(steps=steps)) == "in"


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_clock_that_is_off_by_two_is_not(
    client: Client, mia: User, app: Authenticator, steps: int
) -> None:
    with_password(client, mia)

    assert "wrong, was used before, or is over" in second(client, code(steps=steps))
    assert rows("accounts.sign_in") == [("mia@example.com", "REFUSED", {"reason": "wrong code"})]


def test_a_code_in_groups_counts(client: Client, mia: User, app: Authenticator) -> None:
    with_password(client, mia)

    assert second(client, f"{code()[:3]} {code()[3:]}") == "in"


@pytest.mark.parametrize("later", [0, 31])
def test_a_code_is_good_once_however_long_it_would_count(
    client: Client,
    mia: User,
    app: Authenticator,
    monkeypatch: pytest.MonkeyPatch,
    later: int,
) -> None:
    seen = code()
    with_password(client, mia)
    assert second(client, seen) == "in"
    now = time.time() + later
    monkeypatch.setattr("time.time", lambda: now)

    thief = Client()
    with_password(thief, mia)

    assert "was used before" in second(thief, seen)


def test_the_seventh_wrong_code_is_not_even_looked_at(
    client: Client, mia: User, app: Authenticator
) -> None:
    with_password(client, mia)
    for _ in range(6):
        assert "This code is wrong" in second(client, "000000")

    for _ in range(14):
        assert "No code counts for five minutes" in second(client, code())
    assert not is_in(client)
    assert len(rows("accounts.sign_in")) == 6


def test_a_recovery_code_counts_once(client: Client, mia: User, codes: list[str]) -> None:
    with_password(client, mia)
    assert second(client, codes[0]) == "in"

    again = Client()
    with_password(again, mia)

    assert "was used before" in second(again, codes[0])
    assert second(again, codes[1]) == "in"
    assert rows("accounts.sign_in")[0][2] == {"by": ["password", "recovery code"]}


@pytest.mark.parametrize("given", ["", "é", "１２３４５６", "x" * 50, "\x00", "123456\n7"])
def test_what_is_no_code_is_refused(
    client: Client, mia: User, app: Authenticator, given: str
) -> None:
    with_password(client, mia)

    assert "field__error" in second(client, given)


def test_a_person_in_two_organizations_is_written_down_in_both(
    client: Client, mia: User, app: Authenticator, umbrella: Organization
) -> None:
    umbrella.bindings.create(user=mia, role="ORGANIZATION_MEMBER")
    with_password(client, mia)
    second(client, code())

    found = AuditRecord.objects.filter(action="accounts.sign_in")
    assert {row.target_label for row in found} == {"Acme", "Umbrella"}


def test_a_wrong_password_is_written_down(client: Client, mia: User) -> None:
    client.post(LOGIN, {"login": "MIA@example.com", "password": "wrong"})

    assert rows("accounts.sign_in") == [
        ("mia@example.com", "REFUSED", {"reason": "wrong password"})
    ]
