"""The Access tab of a Deployment: people, and API tokens whose value is shown once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from audit.models import AuditRecord
from deployments.models import Deployment

pytestmark = pytest.mark.django_db
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
CI = {"name": "ci", "role": "DEPLOYMENT_ADMIN"}


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
    offered = browser.get(path(etl, "tokens/new/")).context["form"]["role"].value()
    assert offered == "DEPLOYMENT_ADMIN", "what a pipeline needs"
    answer = browser.post(path(etl, "tokens/new/"), CI | {"lifetime": "30"})
    value = JWT.search(answer.content.decode())
    assert value is not None
    assert answer["Cache-Control"] == "no-store"
    assert "curl" in answer.content.decode(), "how a pipeline deploys with it"
    bearer = {"Authorization": f"Bearer {value[0]}"}
    assert Client().get("/v1/organizations", headers=bearer).status_code == 200
    again = browser.get(path(etl, "tokens/")).content.decode()
    assert JWT.search(again) is None
    made = ApiToken.objects.get()
    assert made.prefix in again
    assert timedelta(days=29) < (made.expires_at or timezone.now()) - timezone.now()
    rows = str(list(AuditRecord.objects.values_list("before", "after")))
    assert value[0] not in rows


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("lifetime", "0"),
        ("lifetime", "3651"),
        ("lifetime", "x"),
        ("name", ""),
        ("name", "n" * 257),
        ("description", "d" * 501),
        ("role", "WORKSPACE_OWNER"),
        ("address_ranges", "10.0.0.0/8 nowhere"),
        ("address_ranges", "10.0.0.0/33"),
        ("address_ranges", "\n".join(f"10.0.0.{n}" for n in range(51))),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_is_kept(
    browser: Client, etl: Deployment, field: str, typed: str
) -> None:
    given = {"name": "kept-name", "description": "kept-words", "role": "DEPLOYMENT_ADMIN"}
    answer = browser.post(path(etl, "tokens/new/"), given | {field: typed})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    shown = answer.content.decode()
    assert ("kept-name" in shown) is (field != "name")
    assert ("kept-words" in shown) is (field != "description")
    assert not ApiToken.objects.exists()


def test_an_operator_sees_no_tokens(etl: Deployment, oliver: User, browser: Client) -> None:
    browser.post(path(etl, "tokens/new/"), CI)
    client = Client()
    client.force_login(oliver)
    shown = client.get(path(etl)).content.decode()
    assert ApiToken.objects.get().prefix not in shown
    assert "Needs Workspace Owner" in shown
    assert client.get(path(etl, "tokens/")).status_code == 403
    assert client.post(path(etl, "tokens/new/"), CI).status_code == 403
