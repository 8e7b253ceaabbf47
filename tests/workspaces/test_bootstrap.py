"""`./console bootstrap`: set-up by script, once."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from accounts.models import ApiToken, Organization, User
from audit.models import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's database is up to date; migrating in its transaction would only take time."""
    monkeypatch.setattr(
        "workspaces.management.commands.bootstrap.call_command", lambda *_, **__: None
    )


def bootstrap(*options: str) -> str:
    output = StringIO()
    given = {"--email": "Olivia@Example.com", "--organization": "Acme"}
    words = [word for pair in given.items() if pair[0] not in options for word in pair]
    call_command("bootstrap", *words, *options, stdout=output)
    return output.getvalue()


def test_it_prints_what_a_script_needs() -> None:
    made = json.loads(bootstrap("--json"))
    assert made.keys() == {"url", "organizationId", "workspaceId", "userId", "token"}
    assert made["url"] == "http://localhost:8000"
    api = Client(headers={"Authorization": f"Bearer {made['token']}"})
    base = f"/v1/organizations/{made['organizationId']}"
    assert api.get(f"{base}/workspaces/{made['workspaceId']}").json()["name"] == "Data"
    created = api.post(f"{base}/workspaces", {"name": "ML"}, content_type="application/json")
    assert created.status_code == 200, "an Owner of the whole Organization"
    user = User.objects.get(pk=made["userId"])
    assert (user.email, user.is_operator, user.has_usable_password()) == (
        "olivia@example.com", True, False,
    )  # fmt: skip


def test_people_read_the_token_and_how_to_sign_in() -> None:
    shown = bootstrap("--name", "Olivia Bennett", "--workspace", "Science")
    assert "token: eyJ" in shown
    assert "./console user reset-link Olivia@Example.com" in shown
    assert User.objects.get().full_name == "Olivia Bennett"


def test_a_second_call_is_refused_with_the_way_on() -> None:
    bootstrap("--json")
    with pytest.raises(CommandError, match=r"already set up.*reset-link EMAIL"):
        bootstrap("--json")
    assert Organization.objects.count() == ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--email", "nobody", "--email: This is not an e-mail address."),
        ("--organization", "x" * 51, "--organization: Between 1 and 50 characters."),
        ("--organization", " ", "--organization: Between 1 and 50 characters."),
        ("--workspace", "x" * 51, "--workspace: Between 1 and 50 characters."),
        ("--name", "x" * 101, "--name: At most 100 characters."),
    ],
)
def test_what_cannot_be_is_named_and_leaves_nothing(option: str, value: str, words: str) -> None:
    with pytest.raises(CommandError) as refusal:
        bootstrap(option, value)
    assert str(refusal.value).startswith(words)
    assert not User.objects.exists()


def test_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*args: Any, **options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("workspaces.management.commands.bootstrap.call_command", silent)
    with pytest.raises(CommandError, match=r"database does not answer.*\./console up"):
        bootstrap("--json")


def test_the_token_is_in_no_audit_row() -> None:
    token = json.loads(bootstrap("--json"))["token"]
    rows = AuditRecord.objects.all()
    assert {"accounts.set_up", "workspaces.create", "accounts.create_token"} <= {
        row.action for row in rows
    }
    assert token not in str(list(rows.values()))
