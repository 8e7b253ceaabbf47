"""What the pages of Deployments promise; the rules behind them are tested with the services."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organization, User
from audit.models import AuditRecord
from deployments.models import Deployment, EnvironmentVariable, Operation, OperationStep
from deployments.services.variables import Variable
from tests import factories
from tests.deployments.driving import backend, fresh, operation, settle
from workspaces.models import Workspace

CANARY = "canary-5f1c"


def url(name: str, *args: object) -> str:
    return reverse(f"deployments:{name}", args=args)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def _new(client: Client, science: Workspace, **changes: object) -> dict[str, Any]:
    """The create form, filled in."""
    body = client.get(url("create", science.pk)).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', body)
    assert key
    return {
        "key": key[1],
        "name": "nightly",
        "workspace": science.pk,
        "cluster": factories.memory_cluster().pk,
        "runtime_version": "3.3-8",
        "executor": "LOCAL",
        "scheduler_size": "MEDIUM",
        "contact_emails": "a@example.com, b@example.com",
        **changes,
    }


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_lists_ask_as_often_for_two_rows_as_for_sixty(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    signed_in(client, olivia)
    addresses = (url("list", acme.pk), url("workspace_list", science.pk))
    for _ in range(2):
        factories.deployment(science)
    few = [_queries(client, address) for address in addresses]

    for _ in range(58):
        factories.deployment(science)

    assert [_queries(client, address) for address in addresses] == few


def test_a_list_finds_sorts_and_filters(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    signed_in(client, olivia)
    factories.deployment(science, "alpha", status="UNHEALTHY", executor="LOCAL")
    factories.deployment(science, "beta")
    address = url("list", acme.pk)

    def names(query: str) -> list[str]:
        rows = client.get(f"{address}?{query}").context["page"].rows
        return [row.name for row in rows]

    assert names("") == ["alpha", "beta"]
    assert names("sort=-name") == ["beta", "alpha"]
    assert names("status=UNHEALTHY") == ["alpha"]
    assert names("executor=CELERY") == ["beta"]
    assert names("q=bet") == ["beta"]
    assert b"Nothing matches" in client.get(f"{address}?q=zzz").content


def test_an_empty_list_has_the_button_that_makes_the_first_one(
    client: Client, olivia: User, wanda: User, science: Workspace
) -> None:
    address = url("workspace_list", science.pk)

    assert url("create", science.pk) in signed_in(client, olivia).get(address).content.decode()
    refused = signed_in(client, wanda).get(address).content.decode()
    assert url("create", science.pk) not in refused
    assert "Needs Workspace Operator" in refused


def test_the_create_form_makes_one_deployment_however_often_it_is_sent(
    client: Client, oliver: User, science: Workspace
) -> None:
    signed_in(client, oliver)
    filled = _new(client, science)

    first = client.post(url("create", science.pk), filled)
    second = client.post(url("create", science.pk), filled)

    made = Deployment.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == url("detail", made.pk)
    assert (made.executor, made.scheduler_size) == ("LOCAL", "MEDIUM")
    assert made.contact_emails == ["a@example.com", "b@example.com"]
    assert AuditRecord.objects.filter(action="deployments.create").count() == 1


def test_a_form_of_somebody_else_makes_another_deployment(
    client: Client, oliver: User, olivia: User, science: Workspace
) -> None:
    filled = _new(signed_in(client, oliver), science)
    client.post(url("create", science.pk), filled)

    signed_in(client, olivia).post(url("create", science.pk), filled | {"name": "other"})

    assert Deployment.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "PROD-ETL", "taken in the Workspace"),
        ("name", "", "required"),
        ("name", "x" * 501, "at most 500 characters"),
        ("description", "x" * 1001, "at most 1000 characters"),
        ("contact_emails", "nobody", "nobody is not an e-mail address"),
        ("runtime_version", "3.1-8", "was withdrawn"),
        ("runtime_version", "12.12.0", "past its maintenance"),
        ("runtime_version", "9.9-9", "There is no runtime 9.9-9"),
        ("runtime_version", "", "Choose a runtime version"),
        ("executor", "KUBERNETES", "not one of the available choices"),
    ],
    ids=str,
)
def test_a_refused_form_says_why_and_keeps_the_input(
    client: Client,
    oliver: User,
    science: Workspace,
    etl: Deployment,
    field: str,
    value: str,
    words: str,
) -> None:
    signed_in(client, oliver)
    filled = _new(client, science, description="Keep me") | {field: value}

    answer = client.post(url("create", science.pk), filled)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert "Keep me" in text or field == "description"
    assert Deployment.objects.count() == 1


def test_the_overview_tells_what_failed_and_offers_retry(
    client: Client, oliver: User, new: Deployment
) -> None:
    from tests.deployments.test_reconciler import NO_PORT

    backend(new).fail_at("start-components", NO_PORT)
    settle(new)

    text = signed_in(client, oliver).get(url("detail", new.pk)).content.decode()

    assert "No port is left." in text
    assert "Free one, then retry." in text
    assert url("retry", new.pk) in text


def test_regions_are_fetched_alone(client: Client, oliver: User, running: Deployment) -> None:
    signed_in(client, oliver)

    answer = client.get(
        url("detail", running.pk), headers={"HX-Request": "true", "HX-Target": "overview"}
    )

    text = answer.content.decode()
    assert "triggerer" in text
    assert "<html" not in text


def test_disabled_buttons_say_which_role_is_missing(
    client: Client, wanda: User, running: Deployment
) -> None:
    text = signed_in(client, wanda).get(url("settings", running.pk)).content.decode()

    assert "Needs Workspace Operator. An Owner of the Workspace can grant it." in text
    assert url("hibernate", running.pk) not in text


def test_deleting_asks_for_the_name(client: Client, oliver: User, running: Deployment) -> None:
    signed_in(client, oliver)

    wrong = client.post(url("delete", running.pk), {"confirmation": "no"})
    assert wrong.status_code == 422
    right = client.post(url("delete", running.pk), {"confirmation": "etl"})

    assert right.status_code == 302
    assert settle(running).status == "DELETED"
    listed = client.get(url("deleted", running.organization_id)).content.decode()
    assert url("restore", running.pk) in listed
    assert client.get(url("detail", running.pk)).status_code == 404


def test_bulk_shows_what_it_would_do_and_then_what_it_did(
    client: Client, oliver: User, running: Deployment, science: Workspace
) -> None:
    signed_in(client, oliver)
    asleep = factories.deployment(science, "lazy", status="HIBERNATING", wish="STOPPED")
    marked = {"gesture": "hibernate", "id": [running.pk, asleep.pk]}

    preview = client.get(url("bulk"), marked).content.decode()
    assert "It sleeps already." in preview
    assert fresh(running).status == "HEALTHY"

    done = client.post(url("bulk"), marked).content.decode()
    assert "Started" in done
    assert fresh(running).status == "HIBERNATING"


def test_own_operations_are_in_the_tray_of_who_started_them(
    client: Client, oliver: User, olivia: User, running: Deployment
) -> None:
    assert b"Create etl" in signed_in(client, oliver).get(url("operations")).content
    assert b"Create etl" not in signed_in(client, olivia).get(url("operations")).content


def test_a_secret_is_never_shown_again(
    client: Client, oliver: User, running: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    signed_in(client, oliver)
    rows = {"key-0": "TOKEN", "value-0": CANARY, "secret-0": "on"}
    preview = client.post(url("environment_preview", running.pk), rows)
    client.post(url("environment", running.pk), rows)
    settle(running)
    refused = client.post(url("environment", running.pk), rows | {"key-0": "1 BAD"})
    typed = {"text": f"secret NEW={CANARY}\nnonsense"}
    refused_text = client.post(url("environment", running.pk), typed)

    # A row sent without its value keeps the secret.
    kept = {"key-0": "TOKEN", "value-0": "", "secret-0": "on", "key-1": "A", "value-1": "1"}
    assert client.post(url("environment", running.pk), kept).status_code == 302
    assert EnvironmentVariable.objects.get(key="TOKEN").value == CANARY
    settle(running)

    assert (refused.status_code, refused_text.status_code) == (400, 400)
    pages = [preview, refused, refused_text]
    pages += [client.get(url(name, running.pk)) for name in ("detail", "environment", "settings")]
    pages.append(client.get(url("environment", running.pk) + "?as=text"))
    pages.append(client.get(url("operation", running.pk, operation(running).pk)))
    stored = [
        list(model.objects.values())
        for model in (AuditRecord, Operation, OperationStep, Deployment)
    ]
    assert all(CANARY not in page.content.decode() for page in pages)
    assert CANARY not in repr(stored)
    assert CANARY not in caplog.text
    assert CANARY not in repr(Variable("TOKEN", CANARY, is_secret=True))
    with connection.cursor() as cursor:
        cursor.execute("select value from deployments_environmentvariable")
        assert CANARY not in repr(cursor.fetchall())


def test_a_reserved_name_is_refused_with_the_reason(
    client: Client, oliver: User, running: Deployment
) -> None:
    signed_in(client, oliver)
    rows = {"key-0": "AIRFLOW__CORE__EXECUTOR", "value-0": "x"}

    answer = client.post(url("environment", running.pk), rows)

    assert answer.status_code == 400
    assert "Follows the size and executor chosen" in answer.content.decode()


def test_a_click_in_the_wrong_state_is_a_conflict(
    client: Client, oliver: User, running: Deployment
) -> None:
    signed_in(client, oliver)

    assert client.post(url("hibernate", running.pk)).status_code == 302
    assert client.post(url("hibernate", running.pk)).status_code == 409
