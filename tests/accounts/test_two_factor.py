"""Two-factor sign-in: codes are good once, wrong ones limited, and all of it written down."""

from __future__ import annotations

import json
import re
import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import Organization, User
from audit.models import AuditRecord
from tests import factories
from tests.accounts.passkeys import Passkey

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN = "/accounts/login/"
SECOND = "/accounts/2fa/authenticate/"
INDEX = "/accounts/2fa/"


def code(secret: str = SECRET, *, steps: int = 0) -> str:
    """What an app shows now, or whose clock is some steps of 30 s off."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


@pytest.fixture(autouse=True)
def _in_the_middle_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test straddles two steps of 30 s."""
    now = int(time.time()) // 30 * 30 + 15.0
    monkeypatch.setattr("time.time", lambda: now)


@pytest.fixture
def app(mia: User) -> Authenticator:
    """mia's authenticator app."""
    return TOTP.activate(mia, SECRET).instance


@pytest.fixture
def codes(mia: User, app: Authenticator) -> list[str]:
    """mia's recovery codes."""
    return list(RecoveryCodes.activate(mia).generate_codes())


def with_password(client: Client, user: User) -> str:
    answer = client.post(LOGIN, {"login": user.email, "password": factories.PASSWORD})
    return str(answer["Location"])


def second(client: Client, given: str) -> str:
    """`in`, or what the page says."""
    answer = client.post(SECOND, {"code": given})
    return "in" if answer.status_code == 302 else answer.content.decode()


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def confirm(client: Client, given: str = factories.PASSWORD) -> None:
    """Prove again who one is, by password or by code."""
    where = "/accounts/2fa/reauthenticate/" if given.isdigit() else "/accounts/reauthenticate/"
    name = "code" if given.isdigit() else "password"
    assert client.post(where, {name: given}).status_code == 302


def rows(action: str) -> list[tuple[str, str, object]]:
    found = AuditRecord.objects.filter(action=action).order_by("pk")
    return [(row.actor_label, row.outcome, row.after) for row in found]


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


def activate(client: Client) -> str:
    """Up to the page that shows the secret."""
    where = reverse("accounts:app_add")
    confirm_at = client.get(where)["Location"]
    client.post(confirm_at, {"password": factories.PASSWORD})
    found = re.search(r'data-copy="([A-Z2-7]{32})"', client.get(where).content.decode())
    assert found
    return found[1]


def test_setting_an_app_up_needs_the_password_again_and_a_code(client: Client, mia: User) -> None:
    client.force_login(mia)
    secret = activate(client)
    where = reverse("accounts:app_add")

    wrong = client.post(where, {"code": "000000"}).content.decode()
    done = client.post(where, {"code": code(secret)})

    assert "This code is wrong" in wrong
    assert secret in wrong
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    assert rows("accounts.add_authenticator_app") == [
        ("mia@example.com", "DONE", {"two_factor": ["Authenticator app"]})
    ]


def test_the_code_that_set_the_app_up_signs_nobody_in(client: Client, mia: User) -> None:
    client.force_login(mia)
    secret = activate(client)
    client.post(reverse("accounts:app_add"), {"code": code(secret)})

    other = Client()
    with_password(other, mia)

    assert "was used before" in second(other, code(secret))


def test_recovery_codes_are_shown_once(client: Client, mia: User, codes: list[str]) -> None:
    client.force_login(mia)
    confirm(client, code())

    first = client.get("/accounts/2fa/recovery-codes/").content.decode()
    then = client.get("/accounts/2fa/recovery-codes/").content.decode()

    assert all(each in first for each in codes)
    assert not any(each in then for each in codes)
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 403


def test_new_recovery_codes_end_the_old_ones(client: Client, mia: User, codes: list[str]) -> None:
    client.force_login(mia)
    confirm(client, code())
    client.post(reverse("accounts:codes_make"))

    other = Client()
    with_password(other, mia)

    assert "This code is wrong" in second(other, codes[0])
    assert [row[1] for row in rows("accounts.make_recovery_codes")] == ["DONE"]


def test_who_has_a_second_factor_confirms_by_it_and_not_by_the_password(
    client: Client, mia: User, codes: list[str]
) -> None:
    client.force_login(mia)
    where = reverse("accounts:app_remove")

    asked = client.get(where)["Location"]
    by_password = client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})

    assert asked.startswith("/accounts/2fa/reauthenticate/")
    assert by_password["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert client.post(where).status_code == 302
    assert Authenticator.objects.filter(user=mia, type="totp").exists()


def test_removing_the_last_method_turns_it_off_and_ends_the_codes(
    client: Client, mia: User, codes: list[str]
) -> None:
    client.force_login(mia)
    confirm(client, code())
    where = reverse("accounts:app_remove")

    asked = client.get(where).content.decode()
    client.post(where)

    assert "This is your last second factor" in asked
    assert not Authenticator.objects.filter(user=mia).exists()
    assert with_password(Client(), mia) == "/"
    assert rows("accounts.remove_authenticator_app")[0][2] == {"two_factor": []}


def test_nothing_changes_where_it_cannot_be_written_down(
    client: Client, mia: User, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(mia)
    confirm(client, code())
    client.raise_request_exception = False

    def full(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("accounts.services.people.record", full)
    answer = client.post(reverse("accounts:app_remove"))

    assert answer.status_code == 500
    assert Authenticator.objects.filter(user=mia, type="totp").exists()


def test_secrets_lie_encrypted_in_the_database(mia: User, codes: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        kept = " ".join(row[0] for row in cursor.fetchall())

    assert SECRET not in kept
    assert not any(each in kept for each in codes)


def test_a_person_in_two_organizations_is_written_down_in_both(
    client: Client, mia: User, app: Authenticator, umbrella: Organization
) -> None:
    umbrella.bindings.create(user=mia, role="ORGANIZATION_MEMBER")
    with_password(client, mia)
    second(client, code())

    found = AuditRecord.objects.filter(action="accounts.sign_in")
    assert {row.target_label for row in found} == {"Acme", "Umbrella"}


def test_the_way_back_from_a_lost_device(client: Client, mia: User, codes: list[str]) -> None:
    client.force_login(mia)
    assert is_in(client)
    out = StringIO()

    call_command("user", "reset-2fa", "MIA@example.com", stdout=out)

    assert "every session ended" in out.getvalue()
    assert not is_in(client)
    assert with_password(Client(), mia) == "/"
    row = AuditRecord.objects.get(action="accounts.reset_two_factor")
    assert (row.door, row.target_label, row.after["email"]) == ("cli", "Acme", "mia@example.com")
    with pytest.raises(CommandError, match="has no two-factor sign-in"):
        call_command("user", "reset-2fa", "mia@example.com", stdout=out)


def test_a_wrong_password_is_written_down(client: Client, mia: User) -> None:
    client.post(LOGIN, {"login": "MIA@example.com", "password": "wrong"})

    assert rows("accounts.sign_in") == [
        ("mia@example.com", "REFUSED", {"reason": "wrong password"})
    ]


@pytest.mark.parametrize("given", ["{}", "[]", "null", '"x"', "{", '{"response": {}}', '{"id": 1}'])
def test_what_no_browser_sends_as_a_passkey_is_refused(
    client: Client, mia: User, app: Authenticator, given: str
) -> None:
    alone = client.post("/accounts/2fa/webauthn/login/", {"credential": given})
    with_password(client, mia)
    after = client.post(SECOND, {"credential": given})
    client.force_login(mia)
    confirm(client, code())
    added = client.post(reverse("accounts:passkey_add"), {"credential": given})

    assert (alone.status_code, after.status_code, added.status_code) == (302, 200, 200)
    assert not Authenticator.objects.filter(type="webauthn").exists()


CONSOLE = "https://console.example.org"


@pytest.mark.parametrize(
    ("origin", "challenge", "attested", "is_added"),
    [
        (CONSOLE, "", "", True),
        ("https://calm-comet.console.example.org", "", "", False),
        (CONSOLE, "YW5vdGhlcg", "", False),
        (CONSOLE, "", "bm9uZQ", False),
    ],
    ids=["asked for here", "by an Airflow's page", "another time", "garbage"],
)
def test_a_passkey_is_added_where_the_console_asked_for_it(
    client: Client,
    mia: User,
    settings: Settings,
    origin: str,
    challenge: str,
    attested: str,
    is_added: bool,
) -> None:
    settings.BASE_URL = CONSOLE
    client.force_login(mia)
    confirm(client)
    client.get(reverse("accounts:passkey_add"))
    asked = client.session["mfa.webauthn.state"]["challenge"]
    said = Passkey(mia).made(challenge or asked, origin=origin)
    said["response"]["attestationObject"] = attested or said["response"]["attestationObject"]

    client.post(
        reverse("accounts:passkey_add"), {"name": "Blue key", "credential": json.dumps(said)}
    )

    assert Authenticator.objects.filter(type="webauthn").exists() == is_added
