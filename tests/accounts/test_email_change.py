"""Another e-mail address: theirs once its link was opened by them, and the old one is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from access.actor import system
from accounts.models import SsoDomain, User
from accounts.services import email_change
from audit.models import AuditRecord
from tests import factories
from web.errors import Conflict, DomainError

PAGE = "/accounts/email/"
NEW = "mia.wallace@example.com"


@pytest.fixture
def has_mail(settings: Settings) -> None:
    settings.HAS_MAIL = True


@pytest.fixture
def inside(client: Client, mia: User) -> Client:
    """mia's browser, where she just proved again that she is mia."""
    client.force_login(mia)
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return client


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def ask(client: Client, new: str, committed: Callable[[], Any]) -> str:
    """Ask for a new address; answers the path of the link that was mailed to it."""
    with committed():
        answer = client.post(PAGE, {"email": new})
    assert answer.status_code == 302
    return path_in(str(mail.outbox[-1].body))


def path_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/accounts/email/confirm/\S+)", text)
    assert found
    return found[1]


def address_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def test_the_link_changes_it_and_the_old_address_is_told(
    inside: Client, mia: User, has_mail: None, committed: Callable[[], Any]
) -> None:
    link = ask(inside, "Mia.Wallace@Example.com", committed)
    shown = inside.get(link).content.decode()
    before = address_of(mia)
    with committed():
        inside.post(link)

    assert NEW in shown
    assert (before, address_of(mia)) == ("mia@example.com", NEW)
    assert [each.to for each in mail.outbox] == [[NEW], ["mia@example.com"]]
    assert f"with {NEW} from now on" in mail.outbox[1].body
    row = AuditRecord.objects.get(action="accounts.change_email")
    assert (row.before, row.after) == ({"email": "mia@example.com"}, {"email": NEW})
    assert Client().post("/accounts/login/", {"login": NEW.upper(), "password": factories.PASSWORD})


def test_a_link_works_once(
    inside: Client, mia: User, has_mail: None, committed: Callable[[], Any]
) -> None:
    link = ask(inside, NEW, committed)
    inside.post(link)

    assert (inside.post(link).status_code, inside.get(link).status_code) == (410, 410)


def test_an_old_link_says_that_it_has_ended(
    inside: Client,
    mia: User,
    has_mail: None,
    committed: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = ask(inside, NEW, committed)
    monkeypatch.setattr(email_change, "LIFETIME_SECONDS", -1)

    answer = inside.get(link)

    assert answer.status_code == 410
    assert "older than three days" in answer.content.decode()


def test_who_reads_the_mail_by_mistake_gains_nothing(
    inside: Client, mia: User, oscar: User, has_mail: None, committed: Callable[[], Any]
) -> None:
    link = ask(inside, "oskar@example.com", committed)
    stranger, other = Client(), Client()
    other.force_login(oscar)

    assert stranger.get(link).status_code == 302
    assert (other.get(link).status_code, other.post(link).status_code) == (403, 403)
    assert (address_of(mia), address_of(oscar)) == ("mia@example.com", "oscar@example.com")


@pytest.mark.parametrize("taken", ["oscar@example.com", "OSCAR@Example.com"])
def test_two_accounts_never_share_an_address_whatever_its_case(
    inside: Client,
    mia: User,
    oscar: User,
    has_mail: None,
    committed: Callable[[], Any],
    taken: str,
) -> None:
    link = ask(inside, taken, committed)
    answer = inside.post(link)

    assert answer.status_code == 409
    assert "Another account has the address" in answer.content.decode()
    assert address_of(mia) == "mia@example.com"


@pytest.mark.parametrize(
    ("given", "reason"),
    [("nobody", "valid email"), ("MIA@example.com", "your address now"), ("", "required")],
)
def test_what_cannot_be_an_address_is_said_at_the_field(
    inside: Client, mia: User, has_mail: None, given: str, reason: str
) -> None:
    answer = inside.post(PAGE, {"email": given})

    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert f'value="{given}"' in answer.content.decode() or not given


def test_it_asks_who_one_is_first(client: Client, mia: User) -> None:
    client.force_login(mia)

    assert client.get(PAGE)["Location"].startswith("/accounts/reauthenticate/")


def test_without_mail_whoever_runs_the_console_makes_the_link(inside: Client, mia: User) -> None:
    page = inside.get(PAGE).content.decode()
    out = StringIO()
    call_command("user", "email-link", "MIA@example.com", NEW, stdout=out)
    before = address_of(mia)
    inside.post(path_in(out.getvalue()))

    assert "./console user email-link mia@example.com" in page
    assert (before, address_of(mia)) == ("mia@example.com", NEW)
    row = AuditRecord.objects.get(action="accounts.ask_email_change")
    assert (row.door, row.after) == ("cli", {"email": NEW})


def test_the_command_refuses_what_cannot_be(mia: User, oscar: User) -> None:
    for given, words in (
        (("mia@example.com", "oscar@example.com"), "Another account"),
        (("nobody@example.com", NEW), "Nobody has"),
        (("mia@example.com", "nothing"), "no e-mail address"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("user", "email-link", *given)


def test_a_reset_link_from_before_is_void(client: Client, mia: User, inside: Client) -> None:
    out = StringIO()
    call_command("user", "reset-link", mia.email, stdout=out)
    path = "/" + out.getvalue().strip().split("/", 3)[3]
    call_command("user", "email-link", mia.email, NEW, stdout=(link := StringIO()))
    inside.post(path_in(link.getvalue()))

    assert "Bad Token" in Client().get(path, follow=True).content.decode()


def link_of(user: User) -> str:
    link = email_change.link_for(user.email, NEW, actor=system("test"))
    return link.rstrip("/").rpartition("/")[2]


def test_an_address_that_somebody_else_has_proven_is_taken(mia: User, oscar: User) -> None:
    token = link_of(mia)
    EmailAddress.objects.create(user=oscar, email=NEW, verified=True)

    with pytest.raises(Conflict, match="Another account"):
        email_change.confirm(token, mia, actor=system("test"))
    with pytest.raises(Conflict, match="Another account"):
        email_change.link_for(mia.email, NEW, actor=system("test"))


@pytest.mark.parametrize("change", ["address", "entry"])
def test_a_link_counts_for_the_account_as_it_was(mia: User, change: str) -> None:
    token = link_of(mia)
    if change == "address":
        mia.email = "m@example.com"
        mia.save()
    else:
        EmailAddress.objects.create(user=mia, email="m@example.com")

    with pytest.raises(email_change.LinkEnded):
        email_change.read(token, mia)


def test_who_got_a_rule_meanwhile_stays(mia: User, acme_domain: SsoDomain) -> None:
    token = link_of(mia)
    acme_domain.enforced_logins = ["SSO"]
    acme_domain.save()

    with pytest.raises(DomainError):
        email_change.confirm(token, mia, actor=system("test"))
    assert address_of(mia) == "mia@example.com"
