"""The set-up page: who holds the link becomes the first person, once."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from access.roles import Role
from accounts.models import OrganizationRoleBinding, User
from accounts.services import setup
from workspaces.models import WorkspaceRoleBinding

pytestmark = pytest.mark.django_db

ENTERED = {
    "full_name": "Ada Lindqvist",
    "email": "Ada@Example.com",
    "password": "quiet-harbour-71",
    "organization_name": "Acme",
    "workspace_name": "Data",
}


@pytest.fixture
def key() -> str:
    return parse_qs(urlsplit(setup.setup_link()).query)["key"][0]


def test_the_holder_of_the_link_becomes_owner_and_is_signed_in(client: Client, key: str) -> None:
    assert client.get("/setup/", {"key": key}).status_code == 200

    answer = client.post("/setup/", {"key": key, **ENTERED}, follow=True)

    ada = User.objects.get()
    assert (ada.email, ada.is_operator) == ("ada@example.com", True)
    assert OrganizationRoleBinding.objects.get().role == Role.ORGANIZATION_OWNER
    assert WorkspaceRoleBinding.objects.get().workspace.name == "Data"
    assert "Acme" in answer.content.decode()
    assert answer.context["user"] == ada


def test_who_opens_the_console_without_the_link_learns_where_it_is(client: Client) -> None:
    page = client.get("/", follow=True).content.decode()

    assert "This console is not set up yet" in page
    assert "./console up" in page
    assert 'name="password"' not in page


def test_the_link_is_void_afterwards(client: Client, key: str) -> None:
    client.post("/setup/", {"key": key, **ENTERED})

    again = Client().post("/setup/", {"key": key, **ENTERED, "email": "eve@example.com"})

    assert again.status_code == 409
    assert User.objects.count() == 1


@pytest.mark.parametrize("guess", ["", "wrong", "a:b:c"])
def test_a_guessed_key_opens_nothing(client: Client, guess: str) -> None:
    refused = client.get("/setup/", {"key": guess})
    assert refused.status_code == 400
    assert "This link cannot be used" in refused.content.decode()
    assert client.post("/setup/", {"key": guess, **ENTERED}).status_code == 400
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("password", "1234"), ("email", "ada"), ("organization_name", "x" * 51)]
)
def test_a_refused_form_makes_nothing_and_keeps_what_was_typed(
    client: Client, key: str, field: str, value: str
) -> None:
    answer = client.post("/setup/", {"key": key, **ENTERED, field: value})

    assert answer.status_code == 422
    assert "Ada Lindqvist" in answer.content.decode()
    assert not User.objects.exists()
