"""What the settings page promises: the effect before saving, and no silent overwriting."""

from __future__ import annotations

import re

from django.test import Client

from accounts.models import User
from deployments.models import Deployment
from tests.deployments.driving import fresh, settle
from tests.deployments.test_pages import signed_in, url


def test_settings_say_what_restarts_before_and_after_saving(
    client: Client, oliver: User, running: Deployment
) -> None:
    signed_in(client, oliver)
    filled = _settings(client, running) | {"scheduler_size": "LARGE"}

    preview = client.post(url("settings_preview", running.pk), filled).content.decode()
    client.post(url("settings", running.pk), filled)

    assert "Large (16 tasks at once)" in preview
    assert "restarts Airflow" in preview
    assert fresh(running).status == "DEPLOYING"
    assert settle(running).scheduler_size == "LARGE"


def test_a_new_name_restarts_nothing(client: Client, oliver: User, running: Deployment) -> None:
    signed_in(client, oliver)

    client.post(url("settings", running.pk), _settings(client, running) | {"name": "Etl 2"})

    renamed = fresh(running)
    assert (renamed.name, renamed.status, renamed.generation) == ("Etl 2", "HEALTHY", 1)


def test_the_executor_that_a_program_chose_is_kept_when_a_person_saves(
    client: Client, oliver: User, running: Deployment
) -> None:
    """Astro is offered only where it was chosen: its card is not for people to find."""
    signed_in(client, oliver)
    assert 'value="ASTRO"' not in client.get(url("settings", running.pk)).content.decode()
    Deployment.objects.filter(pk=running.pk).update(executor="ASTRO")

    shown = client.get(url("settings", running.pk)).content.decode()
    client.post(url("settings", running.pk), _settings(client, running) | {"name": "Etl 2"})

    assert 'value="ASTRO"' in shown
    kept = fresh(running)
    assert (kept.name, kept.executor, kept.generation) == ("Etl 2", "ASTRO", 1)


def test_a_stale_form_is_a_conflict_that_keeps_the_input(
    client: Client, oliver: User, running: Deployment
) -> None:
    signed_in(client, oliver)
    mine = _settings(client, running) | {"description": "Mine"}
    client.post(url("settings", running.pk), _settings(client, running) | {"name": "theirs"})

    answer = client.post(url("settings", running.pk), mine)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody changed these settings" in text
    assert "Mine" in text
    assert fresh(running).description == ""
    again = mine | {"loaded": _hidden(text, "loaded")}
    assert client.post(url("settings", running.pk), again).status_code == 302
    assert fresh(running).description == "Mine"


def test_development_mode_cannot_be_turned_on_later(
    client: Client, oliver: User, running: Deployment
) -> None:
    signed_in(client, oliver)
    filled = _settings(client, running) | {"is_development_mode": "on"}

    assert client.post(url("settings", running.pk), filled).status_code == 400
    assert not fresh(running).is_development_mode


def _settings(client: Client, deployment: Deployment) -> dict[str, str]:
    text = client.get(url("settings", deployment.pk)).content.decode()
    now = fresh(deployment)
    return {
        "loaded": _hidden(text, "loaded"),
        "name": now.name,
        "description": now.description,
        "executor": now.executor,
        "scheduler_size": now.scheduler_size,
        "contact_emails": "",
    }


def _hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text)
    assert found
    return found[1]
