"""Signing in, locked out, signed up, and the way back in."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditRecord
from tests import factories

LOGIN = "/accounts/login/"
NEW_PASSWORD = "quiet-harbour-71"


def sign_in(client: Client, email: str, password: str = factories.PASSWORD) -> str:
    answer = client.post(LOGIN, {"login": email, "password": password})
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def test_the_case_of_an_address_does_not_matter(client: Client, mia: User) -> None:
    assert sign_in(client, "MIA@Example.COM") == "/"


def test_two_accounts_never_differ_by_case_alone(mia: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.bulk_create([User(email="MIA@example.com")])


def test_a_page_that_was_asked_for_survives_sign_in(client: Client, mia: User) -> None:
    wanted = client.get(reverse("accounts:profile") + "?tab=1")["Location"]

    answer = client.post(wanted, {"login": mia.email, "password": factories.PASSWORD})

    assert client.get(wanted).status_code in (200, 302)
    assert answer["Location"] in ("/", "/profile/?tab=1")


def test_sign_in_is_written_into_the_audit_log(client: Client, mia: User) -> None:
    sign_in(client, mia.email)

    row = AuditRecord.objects.get(action="accounts.sign_in")
    assert (row.actor_label, row.target_label) == ("mia@example.com", "Acme")


def test_six_wrong_passwords_lock_sign_in_with_a_reason(client: Client, mia: User) -> None:
    for _ in range(6):
        assert "do not belong together" in sign_in(client, mia.email, "wrong")

    assert "locked for five minutes" in sign_in(client, mia.email)


def test_an_unknown_address_reads_like_a_wrong_password(client: Client, mia: User) -> None:
    assert "do not belong together" in sign_in(client, "nobody@example.com", "wrong")


def test_signing_out_ends_the_session(client: Client, mia: User) -> None:
    client.force_login(mia)

    client.post("/accounts/logout/")

    assert client.get(reverse("accounts:profile")).status_code == 302


def test_nobody_signs_up_uninvited(client: Client, db: None) -> None:
    answer = client.post(
        "/accounts/signup/",
        {"full_name": "Eve", "email": "eve@example.com", "password1": NEW_PASSWORD},
    )

    assert "made by invitation" in answer.content.decode()
    assert not User.objects.exists()


def test_without_mail_the_reset_page_names_the_command(client: Client, db: None) -> None:
    answer = client.get("/accounts/password/reset/").content.decode()

    assert "./console user reset-link" in answer


def test_a_reset_link_from_the_command_line_works_once(client: Client, mia: User) -> None:
    out = StringIO()
    call_command("user", "reset-link", "MIA@example.com", stdout=out)
    path = "/" + out.getvalue().strip().split("/", 3)[3]

    form = client.get(path)["Location"]
    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    mia.refresh_from_db()
    assert mia.check_password(NEW_PASSWORD)
    assert "Bad Token" in Client().get(path, follow=True).content.decode()
    assert AuditRecord.objects.get(action="accounts.reset_link").door == "cli"


def test_the_command_says_who_is_unknown(db: None) -> None:
    with pytest.raises(CommandError, match=r"Nobody has the e-mail address x@example\.com"):
        call_command("user", "reset-link", "x@example.com")


def test_the_command_lists_people(mia: User, olivia: User) -> None:
    out = StringIO()
    call_command("user", "list", stdout=out)

    assert out.getvalue() == ("mia@example.com\tACTIVE\tMia\nolivia@example.com\tACTIVE\tOlivia\n")


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/password/change/",
        "/accounts/reauthenticate/?next=/accounts/email/",
        "/accounts/sessions/",
        "/accounts/2fa/",
        "/accounts/reauthenticate/",
        "/accounts/logout/",
        "/accounts/inactive/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/nothing/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
    ],
)
def test_no_page_of_allauth_has_its_default_look(client: Client, mia: User, path: str) -> None:
    client.force_login(mia)

    answer = client.get(path)

    assert answer.status_code == 200
    text = answer.content.decode()
    assert "css/tokens.css" in text
    assert "Menu:" not in text
    assert " style=" not in text
    assert "<script>" not in text


def test_two_factor_sign_in_can_be_activated(client: Client, mia: User) -> None:
    client.force_login(mia)
    wanted = "/accounts/2fa/totp/activate/"

    answer = client.post(
        client.get(wanted)["Location"], {"password": factories.PASSWORD}, follow=True
    )

    assert "data:image/svg+xml" in answer.content.decode()


def test_a_person_changes_their_own_name(client: Client, mia: User) -> None:
    client.force_login(mia)

    client.post(reverse("accounts:profile"), {"full_name": "Mia Wallace"})

    mia.refresh_from_db()
    assert mia.full_name == "Mia Wallace"
    assert AuditRecord.objects.get(action="accounts.rename").after == {"full_name": "Mia Wallace"}
