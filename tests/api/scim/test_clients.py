"""Other people's tools against a live server: scim2-tester's checks, and scim2-cli as client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Organization, User
from api.scim.resources import SCHEMAS
from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url(idp: Provider, live_server: LiveServer, settings: Settings) -> str:
    settings.BASE_URL = live_server.url
    return f"{live_server.url}{idp.base}"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_all_checks_of_scim2_tester_pass(url: str, idp: Provider) -> None:
    from httpx2 import Client
    from scim2_client.engines.httpx2 import SyncSCIMClient
    from scim2_tester import Status, check_server

    with Client(base_url=url, headers={"Authorization": idp.bearer}) as http:
        results = check_server(SyncSCIMClient(http))

    failed = [f"{each.title}: {each.reason}" for each in results if each.status != Status.SUCCESS]
    assert not failed, "\n".join(failed)
    assert len(results) > 100


@pytest.mark.slow
def test_scim2_cli_makes_finds_changes_and_removes_somebody(
    url: str, idp: Provider, acme: Organization
) -> None:
    def cli(*arguments: str, sent: Any = None) -> Any:
        program = Path(sys.executable).parent / "scim2"
        done = subprocess.run(
            [program, "--url", url, *arguments],
            input=json.dumps(sent) if sent else None,
            env={"SCIM_CLI_HEADERS": f"Authorization: {idp.bearer}", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout) if done.stdout.strip().startswith("{") else None

    made = cli("create", "user", "--user-name", "jane@example.com")
    assert User.objects.filter(email="jane@example.com").exists()
    found = cli("query", "user", "--filter", 'userName eq "JANE@example.com"')
    assert found["totalResults"] == 1
    cli("delete", "user", made["id"])
    assert cli("query", "user")["totalResults"] == 0


@pytest.mark.filterwarnings("ignore")
def test_the_schemas_are_those_of_rfc_7643() -> None:
    """As scim2-models has them. Ours may promise less of an attribute."""
    import scim2_models

    models: tuple[Any, ...] = (
        scim2_models.User, scim2_models.EnterpriseUser, scim2_models.Group,
    )  # fmt: skip
    for ours, model in zip(SCHEMAS, models, strict=True):
        theirs = json.loads(model.to_schema().model_dump_json())
        assert ours.urn == theirs["id"]
        assert _shape([each.described() for each in ours.attributes]) == _shape(
            theirs["attributes"]
        )


def _shape(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    """Name, kind and parts of each attribute."""
    return {
        each["name"]: (
            each["type"],
            bool(each.get("multiValued")),
            _shape(each.get("subAttributes") or []),
        )
        for each in attributes
    }
