"""Second factors are set up, changed and removed by those who prove again who they are."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditRecord
from tests import factories
from tests.accounts.second_factor import SECRET, code, confirm, is_in, rows, second, with_password

pytestmark = pytest.mark.usefixtures("in_the_middle_of_a_step")


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
