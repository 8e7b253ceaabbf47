"""A passkey counts where the console asked a browser for it, and nothing else does."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.passkeys import Passkey
from tests.accounts.second_factor import SECOND, code, confirm, with_password

pytestmark = pytest.mark.usefixtures("in_the_middle_of_a_step")


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
