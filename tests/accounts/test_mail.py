"""Mail by a real SMTP server that wants a password; and what happens when it is down."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from access.roles import Role
from accounts.models import Invitation, Organization, User
from accounts.services import invitations
from tests import factories

RESET = "/accounts/password/reset/"
USER, PASSWORD = "console", "mail-secret-71"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Only here, on the loopback; the console itself takes EMAIL_USE_TLS
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]


class Inbox:
    """What the server took: envelopes as they came over the line."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"

    def message(self) -> Message:
        (only,) = self.taken
        content = only.content
        assert isinstance(content, bytes)
        return message_from_bytes(content)

    def text(self) -> str:
        payload = self.message().get_payload(decode=True)
        assert isinstance(payload, bytes)
        return payload.decode()


def _knows(
    server: SMTP, session: Session, envelope: Envelope, how: str, data: object
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    """A server that takes mail from the console alone; the console is set up for it."""
    inbox = Inbox()
    server = Controller(
        inbox,
        hostname="127.0.0.1",
        port=_set_up_mail(settings),
        auth_required=True,
        auth_require_tls=False,
        authenticator=_knows,
    )
    server.start()
    yield inbox
    server.stop()


def _set_up_mail(settings: Settings) -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.HAS_MAIL = "127.0.0.1", port, True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    settings.DEFAULT_FROM_EMAIL = "Astro UI <console@example.com>"
    return port


def invite(olivia: User, acme: Organization) -> Invitation:
    return invitations.invite(
        acme,
        email="nina@example.com",
        role=Role.ORGANIZATION_MEMBER,
        actor=factories.actor(olivia),
    )


def test_an_invitation_arrives_with_its_link(
    inbox: Inbox, olivia: User, acme: Organization
) -> None:
    made = invite(olivia, acme)

    (envelope,) = inbox.taken
    assert envelope.rcpt_tos == ["nina@example.com"]
    assert inbox.message()["From"] == "Astro UI <console@example.com>"
    assert "Acme" in str(inbox.message()["Subject"])
    assert made.link in inbox.text()


def test_a_list_goes_out_and_the_page_says_so(
    inbox: Inbox, client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)

    answer = client.post(
        reverse("workspaces:invite", args=[acme.pk]),
        {"email": "nina@example.com, max@example.com", "role": "ORGANIZATION_MEMBER", "days": "3"},
    )

    assert [each.rcpt_tos for each in inbox.taken] == [["nina@example.com"], ["max@example.com"]]
    assert answer.content.decode().count(">sent<") == 2
    assert b"within 3 days" in (inbox.taken[0].content or b"")


def test_a_server_that_is_down_is_asked_once_for_a_list(
    settings: Settings, client: Client, olivia: User, acme: Organization
) -> None:
    _set_up_mail(settings)
    client.force_login(olivia)

    answer = client.post(
        reverse("workspaces:invite", args=[acme.pk]),
        {"email": "nina@example.com max@example.com", "role": "ORGANIZATION_MEMBER"},
    )

    assert answer.content.decode().count(">not sent<") == 2
    assert acme.invitations.pending().count() == 2


def test_a_forgotten_password_is_replaced_by_the_mailed_link(
    inbox: Inbox, client: Client, mia: User
) -> None:
    assert client.post(RESET, {"email": mia.email}).status_code == 302

    assert inbox.taken[0].rcpt_tos == [mia.email]
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", inbox.text())
    assert link is not None
    page = client.get(link[1], follow=True)
    form = page.redirect_chain[-1][0]
    client.post(form, {"password1": "quiet-harbour-71", "password2": "quiet-harbour-71"})
    mia.refresh_from_db()
    assert mia.check_password("quiet-harbour-71")


def test_a_mail_server_that_is_down_is_named_with_the_way_out(
    settings: Settings, client: Client, mia: User
) -> None:
    _set_up_mail(settings)

    answer = client.post(RESET, {"email": mia.email})

    assert answer.status_code == 503
    page = answer.content.decode()
    assert "The mail server does not take messages now." in page
    assert "./console user reset-link" in page


def test_an_invitation_stands_although_its_mail_did_not_go_out(
    settings: Settings, client: Client, olivia: User, acme: Organization
) -> None:
    _set_up_mail(settings)
    client.force_login(olivia)

    answer = client.post(
        reverse("workspaces:invite", args=[acme.pk]),
        {"email": "nina@example.com", "role": "ORGANIZATION_MEMBER"},
    )

    assert re.search(r"/invitation/c[0-9a-z]{24}/[\w-]{43}/", answer.content.decode())
    assert acme.invitations.pending().filter(email="nina@example.com").exists()
