"""The page of one's sessions says when each was last used, and pages do not pay for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import middleware
from accounts.models import User

LONG_AGO = timezone.now() - timedelta(days=1)


@pytest.fixture
def seen(client: Client, mia: User) -> Client:
    """A browser of mia's that was seen a moment ago; the row says otherwise."""
    client.force_login(mia)
    look(client)
    UserSession.objects.update(last_seen_at=LONG_AGO)
    return client


def look(client: Client, **headers: str) -> None:
    assert client.get(reverse("accounts:profile"), headers=headers).status_code == 200


def was_written() -> bool:
    return not UserSession.objects.filter(last_seen_at=LONG_AGO).exists()


def test_the_next_page_within_a_minute_writes_nothing(seen: Client) -> None:
    look(seen)

    assert not was_written()


def test_once_the_minute_is_over_it_is_written_again(
    seen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "SEEN_EVERY_SECONDS", 0)
    look(seen)

    assert was_written()


def test_another_browser_with_the_same_session_is_written_at_once(seen: Client) -> None:
    look(seen, user_agent="somebody else")

    assert was_written()
    assert UserSession.objects.get().user_agent == "somebody else"


def test_a_stranger_is_not_noted(client: Client, db: None) -> None:
    client.get("/accounts/login/")

    assert not UserSession.objects.exists()
