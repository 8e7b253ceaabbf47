"""The Access tab: people, and API tokens whose value is shown once."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import ApiToken, User
from audit.models import AuditRecord
from deployments.models import Deployment

pytestmark = pytest.mark.django_db
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


def path(deployment: Deployment, rest: str = "") -> str:
    return f"/deployments/{deployment.pk}/access/{rest}"


def test_people_are_listed_with_the_scope_of_their_role(
    browser: Client, etl: Deployment, wanda: User, mia: User
) -> None:
    shown = browser.get(path(etl)).content.decode()
    assert "olivia@example.com" in shown
    assert "wanda@example.com" in shown
    assert "mia@example.com" not in shown, "a mere member of the Organization has no access"


def test_a_token_is_shown_once_and_works(browser: Client, etl: Deployment) -> None:
    answer = browser.post(path(etl), {"name": "ci", "days": "30"})
    value = JWT.search(answer.content.decode())
    assert value is not None
    assert answer["Cache-Control"] == "no-store"
    bearer = {"Authorization": f"Bearer {value[0]}"}
    assert Client().get("/v1/organizations", headers=bearer).status_code == 200
    again = browser.get(path(etl)).content.decode()
    assert JWT.search(again) is None
    assert ApiToken.objects.get().prefix in again
    rows = str(list(AuditRecord.objects.values_list("before", "after")))
    assert value[0] not in rows


@pytest.mark.parametrize("days", ["0", "3651", "x"])
def test_a_lifetime_outside_the_rule_is_refused(
    browser: Client, etl: Deployment, days: str
) -> None:
    assert browser.post(path(etl), {"name": "ci", "days": days}).status_code == 422
    assert not ApiToken.objects.exists()


def test_rotating_shows_a_new_value(browser: Client, etl: Deployment) -> None:
    browser.post(path(etl), {"name": "ci"})
    token = ApiToken.objects.get()
    answer = browser.post(path(etl, f"tokens/{token.pk}/rotate/"))
    assert JWT.search(answer.content.decode())
    assert ApiToken.objects.get().value_hash != token.value_hash


def test_deleting_needs_the_name(browser: Client, etl: Deployment) -> None:
    browser.post(path(etl), {"name": "ci"})
    url = path(etl, f"tokens/{ApiToken.objects.get().pk}/delete/")
    assert browser.post(url, {"confirmation": "cd"}).status_code == 422
    assert ApiToken.objects.get().is_usable
    assert browser.post(url, {"confirmation": "ci"}).status_code == 302
    assert not ApiToken.objects.get().is_usable


def test_an_operator_sees_no_tokens(etl: Deployment, oliver: User, browser: Client) -> None:
    browser.post(path(etl), {"name": "ci"})
    client = Client()
    client.force_login(oliver)
    shown = client.get(path(etl)).content.decode()
    assert ApiToken.objects.get().prefix not in shown
    assert client.post(path(etl), {"name": "mine"}).status_code == 403


def test_an_outsider_finds_nothing(etl: Deployment, oscar: User) -> None:
    client = Client()
    client.force_login(oscar)
    assert client.get(path(etl)).status_code == 404
