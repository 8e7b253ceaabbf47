"""The page of one's sessions: what it shows, and that an ended one is dead at once."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from access import scopes
from access.scopes import Principal
from accounts import devices
from accounts.models import User
from audit.models import AuditRecord
from tests import factories

PAGE = reverse("accounts:sessions")
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


def browser(user: User, agent: str, address: str = "127.0.0.1") -> Client:
    """One in which somebody is signed in and has looked at a page."""
    made = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    made.force_login(user)
    assert is_in(made)
    return made


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def session_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


@pytest.fixture
def laptop(mia: User) -> Client:
    return browser(mia, LINUX)


@pytest.fixture
def phone(mia: User) -> Client:
    return browser(mia, PHONE, "198.51.100.7")


def test_each_browser_is_named_with_its_address(laptop: Client, phone: Client) -> None:
    text = laptop.get(PAGE).content.decode()

    assert text.index("Firefox 131 on Linux") < text.index("This one")
    assert text.index("This one") < text.index("Safari 17 on iPhone")
    assert "198.51.100.7" in text


def test_an_ended_session_is_dead_on_its_next_request(
    laptop: Client, phone: Client, django_capture_on_commit_callbacks: object
) -> None:
    told: list[Principal] = []
    scopes.on_access_changed(told.append)
    address = reverse("accounts:session_end", args=[session_of(phone).pk])

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        laptop.post(address)
    scopes._listeners.remove(told.append)

    assert not is_in(phone)
    assert is_in(laptop)
    assert [each.label for each in told] == ["mia@example.com"]
    row = AuditRecord.objects.get(action="accounts.end_session")
    assert row.after == {"browser": "Safari 17 on iPhone", "address": "198.51.100.7"}
    assert laptop.post(address).status_code == 404


def test_all_others_end_together(laptop: Client, phone: Client, mia: User) -> None:
    tablet = browser(mia, "curl/8.5.0")

    laptop.post(reverse("accounts:sessions_end"))
    laptop.post(reverse("accounts:sessions_end"))

    assert (is_in(laptop), is_in(phone), is_in(tablet)) == (True, False, False)
    row = AuditRecord.objects.get(action="accounts.end_other_sessions")
    assert len(row.after["ended"]) == 2


def test_a_changed_password_ends_the_others_and_is_written_down(
    laptop: Client, phone: Client
) -> None:
    new = {"password1": "quiet-harbour-71", "password2": "quiet-harbour-71"}
    laptop.post("/accounts/password/change/", {"oldpassword": factories.PASSWORD} | new)

    assert (is_in(laptop), is_in(phone)) == (True, False)
    row = AuditRecord.objects.get(action="accounts.change_password")
    assert (row.actor_label, row.target_label) == ("mia@example.com", "Acme")


def test_the_owner_is_told_of_a_changed_password_by_mail(
    laptop: Client, settings: Settings
) -> None:
    settings.HAS_MAIL = True
    new = {"password1": "quiet-harbour-71", "password2": "quiet-harbour-71"}
    laptop.post("/accounts/password/change/", {"oldpassword": factories.PASSWORD} | new)

    told = mail.outbox[0]
    assert told.to == ["mia@example.com"]
    assert "IP address: 127.0.0.1" in told.body


def test_who_tries_passwords_too_often_reads_why_nothing_more_counts(laptop: Client) -> None:
    for _ in range(21):
        answer = laptop.post("/accounts/reauthenticate/", {"password": "wrong"})

    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()


def test_nobody_ends_somebody_elses_session(laptop: Client, oscar: User) -> None:
    foreign = browser(oscar, LINUX)

    answer = laptop.post(reverse("accounts:session_end", args=[session_of(foreign).pk]))
    laptop.post(reverse("accounts:sessions_end"))

    assert answer.status_code == 404
    assert is_in(foreign)


def test_ones_own_session_is_ended_by_signing_out(laptop: Client) -> None:
    answer = laptop.post(reverse("accounts:session_end", args=[session_of(laptop).pk]))

    assert answer.status_code == 409
    assert is_in(laptop)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (LINUX, "Firefox 131 on Linux"),
        (PHONE, "Safari 17 on iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.2849.68",
            "Edge 130 on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like "
            "Gecko) Chrome/130.0.0.0 Safari/537.36",
            "Chrome 130 on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
            "SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
            "Samsung Internet 26 on Android",
        ),
        ("curl/8.5.0", "curl 8"),
        ("robot of the night shift", "robot of the night shift"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(agent: str, name: str) -> None:
    assert devices.name(agent) == name
