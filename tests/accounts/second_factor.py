"""The steps of somebody who signs in by two factors, and what they leave in the log."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditRecord
from tests import factories

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN = "/accounts/login/"
SECOND = "/accounts/2fa/authenticate/"


def code(secret: str = SECRET, *, steps: int = 0) -> str:
    """What an app shows now, or whose clock is some steps of 30 s off."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


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
