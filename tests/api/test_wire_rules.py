"""What the real clients rely on, for every address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from access.roles import Role
from accounts.models import ApiToken, User
from audit.models import AuditRecord
from deployments.models import Deployment, DeploymentRoleBinding
from deployments.services import tokens
from tests import factories
from tests.api.conftest import Api
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

# Source: astro-api.md section 3, the column "Panics if missing".
MUST_BE_THERE = {
    "type", "clusterId", "clusterName", "workspaceName", "executor", "schedulerSize",
    "defaultTaskPodCpu", "defaultTaskPodMemory", "resourceQuotaCpu", "resourceQuotaMemory",
    "isHighAvailability", "isDevelopmentMode", "workerQueues", "webServerAirflowApiUrl",
}  # fmt: skip
# Source: openapi/v1.facts.yaml, the fields marked "!".
REQUIRED = {
    "airflowVersion", "apiUrl", "astroRuntimeVersion", "createdAt", "createdBy", "id",
    "imageRepository", "imageTag", "isCicdEnforced", "isDagDeployEnabled", "name", "namespace",
    "organizationId", "runtimeVersion", "schedulerCpu", "schedulerMemory", "schedulerReplicas",
    "status", "uiUrl", "updatedAt", "updatedBy", "webServerAirflowApiUrl", "webServerCpu",
    "webServerIngressHostname", "webServerMemory", "webServerUrl", "workspaceId",
}  # fmt: skip


def test_a_deployment_has_every_field_that_clients_dereference(api: Api, etl: Deployment) -> None:
    shown = api.get(f"organizations/{etl.organization_id}/deployments/{etl.pk}").json()
    missing = {name for name in MUST_BE_THERE | REQUIRED if shown.get(name) is None}
    assert missing == set()
    assert shown["type"] == "STANDARD"
    assert shown["airflowVersion"] == "3.3.2"
    assert [queue["astroMachine"] for queue in shown["workerQueues"]] == ["A5"]
    assert parse_datetime(shown["createdAt"]) is not None
    assert "://" not in shown["webServerAirflowApiUrl"]


def test_a_deployment_that_is_going_shows_as_deploying(api: Api, etl: Deployment) -> None:
    Deployment.objects.filter(pk=etl.pk).update(status="DELETING")
    shown = api.get(f"organizations/{etl.organization_id}/deployments/{etl.pk}").json()
    assert (shown["status"], shown["statusReason"]) == (
        "DEPLOYING",
        "The Deployment is being deleted",
    )


def test_lists_name_their_plural_and_total(api: Api, etl: Deployment) -> None:
    organization = api.get("organizations", limit=100).json()
    assert organization["totalCount"] == 1
    assert organization["organizations"][0]["product"] == "HOSTED"
    base = f"organizations/{etl.organization_id}"
    assert api.get(f"{base}/workspaces").json()["workspaces"][0]["name"] == "Data Science"
    assert api.get(f"{base}/deployments", limit=1000).json()["deployments"][0]["id"] == etl.pk


def test_lists_honour_repeated_keys_and_sorts(
    api: Api, etl: Deployment, science: Workspace
) -> None:
    path = f"organizations/{etl.organization_id}/deployments"
    both = api.client.get(f"/v1/{path}?workspaceIds={science.pk}&workspaceIds=x&sorts=name:desc")
    assert both.json()["totalCount"] == 1
    assert api.get(path, sorts="size:asc").status_code == 400
    assert api.get(path, names="other").json()["deployments"] == []


def test_a_list_asks_the_same_number_of_queries_for_2_rows_and_20(
    olivia: User, science: Workspace
) -> None:
    token = factories.organization_token(science.organization, Role.ORGANIZATION_OWNER)
    path = f"organizations/{science.organization_id}/deployments"
    Api(token).get(path)  # the first call of a minute also notes that the token was used
    counts = []
    for target in (2, 20):
        while science.deployments.count() < target:
            factories.deployment(science)
        with CaptureQueriesContext(connection) as queries:
            assert Api(token).get(path).json()["totalCount"] == target
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("limit", ["-1", "1001", "many"])
def test_a_limit_outside_the_rule_names_the_field(api: Api, limit: str) -> None:
    answer = api.get("organizations", limit=limit)
    assert answer.status_code == 400
    assert answer.json()["message"] == "limit: Must be a whole number from 0 to 1000."


def test_without_a_token_401_says_bearer(client: Client, db: None) -> None:
    answer = client.get("/v1/organizations")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["statusCode"] == 401
    assert answer.json()["requestId"] == answer["X-Request-Id"]


def test_a_foreign_bearer_is_refused_and_never_echoed(db: None) -> None:
    answer = Api("eyJcanary.canary.canary").get("organizations")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert "canary" not in answer.content.decode()


def test_a_token_ends_with_its_time_its_deletion_and_its_rotation(
    api: Api, etl: Deployment, olivia: User
) -> None:
    owner = factories.actor(olivia)
    held = DeploymentRoleBinding.objects.get()
    fresh = tokens.rotate(held, actor=owner)
    assert api.get("organizations").status_code == 401
    api = Api(fresh.value)
    assert api.get("organizations").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert api.get("organizations").status_code == 401
    ApiToken.objects.update(expires_at=None)
    tokens.delete(held, typed_name="pipeline", actor=owner)
    assert api.get("organizations").status_code == 401


@pytest.mark.parametrize("path", ["nothing", "organizations/"])
def test_an_unknown_address_answers_json(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["statusCode"]) == (404, 404)


def test_errors_name_the_field(api: Api, deploys_path: str) -> None:
    answer = api.post(deploys_path, {"git": {"provider": "GITHUB"}})
    assert answer.status_code == 400
    assert "type: This field is required." in answer.json()["message"]
    assert "git.commitSha: This field is required." in answer.json()["message"]


def test_malformed_json_is_a_clear_error(api: Api, deploys_path: str) -> None:
    answer = api.client.post(f"/v1/{deploys_path}", "{", content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "requestId", "statusCode"}


def test_another_organization_is_not_there(
    api: Api, etl: Deployment, secret_lab: Deployment, deploys_path: str
) -> None:
    foreign = f"organizations/{secret_lab.organization_id}"
    crossed = f"organizations/{etl.organization_id}/deployments/{secret_lab.pk}"
    mixed = f"{foreign}/deployments/{etl.pk}"
    inside = f"{foreign}/workspaces/{etl.workspace_id}"
    lists = [f"{foreign}/workspaces", inside, f"{foreign}/deployments", f"{crossed}/deploys"]
    for path in [foreign, crossed, mixed, *lists, f"{deploys_path}/{secret_lab.pk}"]:
        assert api.get(path).status_code == 404, path
    assert api.post(f"{crossed}/deploys", {"type": "DAG_ONLY"}).status_code == 404
    asleep = {"isHibernating": True}
    for path in (mixed, crossed, f"{foreign}/deployments/{secret_lab.pk}"):
        assert api.post(f"{path}/hibernation-override", asleep).status_code == 404


def test_secrets_are_in_no_audit_row(api: Api, token: str, deploys_path: str) -> None:
    url = api.post(deploys_path, {"type": "DAG_ONLY"}).json()["dagsUploadUrl"]
    secret = url.partition("sig=")[2]
    rows = str(list(AuditRecord.objects.values_list("before", "after", "target_label")))
    assert secret not in rows
    assert token not in rows
    assert AuditRecord.objects.filter(action="deployments.begin", door="api").exists()
