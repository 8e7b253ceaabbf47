"""Deployments over `/v1`: made, changed, put to sleep, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ApiToken
from deployments.models import Deployment, Wish
from deployments.spec import build
from runtime import pythons
from runtime.pythons import PythonChoice
from tests import factories
from tests.api.conftest import Api
from tests.api.test_wire_rules import MUST_BE_THERE, REQUIRED
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which Pythons the machine of the test has is not the question."""
    monkeypatch.setattr(pythons, "find_python", lambda _: PythonChoice(None, "3.12"))


@pytest.fixture
def wanted(science: Workspace) -> dict[str, Any]:
    """What `astro deployment create` sends (source: astro-api.md section 3)."""
    cluster = factories.memory_cluster()
    return {
        "name": "prod",
        "description": "",
        "workspaceId": science.pk,
        "type": "STANDARD",
        "executor": "CELERY",
        "schedulerSize": "SMALL",
        "astroRuntimeVersion": "3.3-8",
        "clusterId": cluster.pk,
        "cloudProvider": "AWS",
        "region": "us-east-1",
        "isCicdEnforced": False,
        "isDagDeployEnabled": False,
        "isDevelopmentMode": True,
        "isHighAvailability": False,
        "defaultTaskPodCpu": "0.25",
        "defaultTaskPodMemory": "0.5Gi",
        "resourceQuotaCpu": "10",
        "resourceQuotaMemory": "20Gi",
        "workerQueues": [
            {
                "name": "default",
                "isDefault": True,
                "astroMachine": "A5",
                "minWorkerCount": 0,
                "maxWorkerCount": 10,
                "workerConcurrency": 5,
            }
        ],
    }


def change(of: Deployment, **fields: Any) -> dict[str, Any]:
    """The fields that an update must have, as they are."""
    return {
        "name": of.name,
        "workspaceId": of.workspace_id,
        "type": "STANDARD",
        "executor": of.executor,
        "schedulerSize": of.scheduler_size,
        "isCicdEnforced": of.enforces_ci_cd,
        "isDagDeployEnabled": True,
        "isHighAvailability": False,
        "environmentVariables": [],
    } | fields


def test_what_the_cli_sends_makes_a_deployment(
    owner: Api, root: str, wanted: dict[str, Any]
) -> None:
    answer = owner.post(f"{root}/deployments", wanted)
    assert answer.status_code == 200
    shown = answer.json()
    assert {name for name in MUST_BE_THERE | REQUIRED if shown.get(name) is None} == set()
    assert (shown["status"], shown["type"], shown["executor"]) == ("CREATING", "STANDARD", "CELERY")
    assert shown["isDevelopmentMode"] is True
    assert owner.get(f"{root}/deployments/{shown['id']}").json()["name"] == "prod"


def test_little_is_enough(owner: Api, root: str, science: Workspace) -> None:
    """The newest runtime, the Workspace's enforcement and the first cluster."""
    Workspace.objects.filter(pk=science.pk).update(enforces_ci_cd=True)
    made = owner.post(f"{root}/deployments", {"name": "prod", "workspaceId": science.pk}).json()
    assert (made["runtimeVersion"], made["clusterName"]) == ("3.3-8", "local")
    assert made["isCicdEnforced"] is True


def test_astro_is_echoed_and_runs_as_local(owner: Api, root: str, wanted: dict[str, Any]) -> None:
    made = owner.post(f"{root}/deployments", wanted | {"executor": "ASTRO"}).json()
    assert made["executor"] == "ASTRO"
    assert build(Deployment.objects.get()).executor == "LOCAL"
    assert made["workerQueues"] == []


def test_variables_come_with_the_deployment(owner: Api, root: str, wanted: dict[str, Any]) -> None:
    variables = [
        {"key": "GREETING", "value": "hello", "isSecret": False},
        {"key": "API_KEY", "value": "canary", "isSecret": True},
    ]
    made = owner.post(f"{root}/deployments", wanted | {"environmentVariables": variables})
    shown = [(each["key"], each["value"]) for each in made.json()["environmentVariables"]]
    assert shown == [("API_KEY", ""), ("GREETING", "hello")]
    assert "canary" not in made.content.decode()


def test_a_secret_sent_back_empty_is_kept(owner: Api, root: str, etl: Deployment) -> None:
    """The CLI reads the list and posts it again, secrets without their values."""
    path = f"{root}/deployments/{etl.pk}"
    secret = {"key": "API_KEY", "value": "canary", "isSecret": True}
    assert owner.post(path, change(etl, environmentVariables=[secret])).status_code == 200
    read = owner.get(path).json()["environmentVariables"]
    again = [{name: each[name] for name in ("key", "value", "isSecret")} for each in read]
    more = [*again, {"key": "NEW", "value": "1", "isSecret": False}]
    assert owner.post(path, change(etl, environmentVariables=more)).status_code == 200
    assert etl.variables.get(key="API_KEY").value == "canary"
    assert owner.post(path, change(etl)).json()["environmentVariables"] == []


def test_settings_and_variables_change_together_with_one_restart(
    owner: Api, root: str, etl: Deployment
) -> None:
    plain = {"key": "A", "value": "1", "isSecret": False}
    answer = owner.post(
        f"{root}/deployments/{etl.pk}",
        change(etl, executor="LOCAL", description="nightly", environmentVariables=[plain]),
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "DEPLOYING")
    etl.refresh_from_db()
    assert (etl.executor, etl.description, etl.generation) == ("LOCAL", "nightly", 2)


def test_a_variable_that_cannot_be_leaves_the_settings_alone(
    owner: Api, root: str, etl: Deployment
) -> None:
    bad = {"key": "1X", "value": "1", "isSecret": False}
    answer = owner.post(
        f"{root}/deployments/{etl.pk}", change(etl, name="other", environmentVariables=[bad])
    )
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("environmentVariables: 1X is no usable name")
    etl.refresh_from_db()
    assert etl.name == "prod-etl"


def test_a_deployment_sleeps_and_wakes_by_the_override(
    owner: Api, root: str, etl: Deployment
) -> None:
    path = f"{root}/deployments/{etl.pk}"
    asleep = owner.post(f"{path}/hibernation-override", {"isHibernating": True})
    assert asleep.json() == {"isActive": True, "isHibernating": True}
    assert owner.post(f"{path}/hibernation-override", {"isHibernating": True}).status_code == 200
    shown = owner.get(path).json()
    assert shown["status"] == "HIBERNATING"
    assert shown["scalingStatus"]["hibernationStatus"]["isHibernating"] is True

    assert owner.delete(f"{path}/hibernation-override").status_code == 204
    etl.refresh_from_db()
    assert etl.wish == Wish.RUNNING
    assert owner.get(path).json()["scalingSpec"]["hibernationSpec"]["override"] == {
        "isActive": False, "isHibernating": False,
    }  # fmt: skip


def test_a_deleted_deployment_goes_and_is_gone(owner: Api, root: str, etl: Deployment) -> None:
    path = f"{root}/deployments/{etl.pk}"
    assert owner.delete(path).status_code == 204
    shown = owner.get(path).json()
    assert (shown["status"], shown["statusReason"]) == (
        "DEPLOYING", "The Deployment is being deleted",
    )  # fmt: skip
    Deployment.objects.filter(pk=etl.pk).update(status="DELETED")
    assert owner.delete(path).status_code == 404


def test_the_options_have_what_clients_read(owner: Api, root: str, etl: Deployment) -> None:
    shown = owner.get(f"{root}/deployment-options", deploymentId=etl.pk).json()
    newest = shown["runtimeReleases"][0]
    assert (newest["version"], newest["airflowVersion"]) == ("3.3-8", "3.3.2")
    assert newest["releaseDate"] == "2026-07-09T00:00:00Z", "no day was published: that before it"
    assert shown["executors"] == ["ASTRO", "CELERY", "LOCAL"]
    assert [machine["name"] for machine in shown["workerMachines"]] == [
        "A5", "A10", "A20", "A40", "A60", "A120", "A160",
    ]  # fmt: skip
    assert shown["workerMachines"][1]["concurrency"] == {"floor": 1, "default": 10, "ceiling": 30}


def test_options_for_a_deployment_of_others_are_not_there(
    owner: Api, root: str, secret_lab: Deployment
) -> None:
    answer = owner.get(f"{root}/deployment-options", deploymentId=secret_lab.pk)
    assert answer.status_code == 404


def test_who_may_not_see_variables_reads_none(etl: Deployment, team_token: ApiToken) -> None:
    etl.variables.create(key="A", value="1")

    read = Api(team_token.value).get(f"organizations/{etl.organization_id}/deployments/{etl.pk}")

    assert read.json()["name"] == "prod-etl"
    assert read.json()["environmentVariables"] == []
