"""What a program sends wrongly gets a clear refusal, and what runs goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError

from accounts.models import User
from astro_ui.handler import OneStepHandler
from deployments import queries
from deployments.models import Deploy, Deployment, DeploymentRoleBinding
from deployments.services import tokens
from tests import factories
from tests.api.conftest import Api, one_connection
from tests.api.test_deploy_protocol import begin, deployed, put
from tests.api.test_deployments import change
from tests.deploys.packing import DAG, tar_gz
from web.errors import Unavailable

pytestmark = pytest.mark.django_db
CANARY = "canary-4f9d2a7c"


def refused(answer: Any, status: int = 400) -> str:
    """The message of an error, which has the one form and repeats nothing that was sent."""
    shown = answer.json()
    assert answer.status_code == status, shown
    assert shown.keys() == {"message", "requestId", "statusCode"}
    assert shown["statusCode"] == status
    assert shown["requestId"] == answer["X-Request-Id"]
    assert CANARY not in shown["message"]
    return str(shown["message"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{", "JSON parse error"),
        ("", "name: This field is required."),
        ("[]", "Must be an object."),
        ("null", "Must be an object."),
        (f'"{CANARY}"', "Must be an object."),
        ('{"name": NaN}', "JSON parse error"),
        ("[" * 100_000, "nested too deeply"),
        ('{"name": "\\ud800"}', "name: "),
        ('{"name": "a\\u0000b"}', "name: Null characters are not allowed."),
    ],
)
def test_a_body_that_is_no_request(owner: Api, root: str, body: str, words: str) -> None:
    path = f"/v1/{root}/workspaces"
    assert words in refused(owner.client.post(path, body, content_type="application/json"))


def test_a_body_that_is_not_json(owner: Api, root: str) -> None:
    answer = owner.client.post(f"/v1/{root}/workspaces", {"name": "form"})
    assert "multipart/form-data" in refused(answer, 415)


def test_a_body_beyond_all_measure(owner: Api, root: str) -> None:
    body = {"name": "x", "description": "x" * 5 * 1024**2}
    assert "larger" in refused(owner.post(f"{root}/workspaces", body), 413)


def test_unknown_fields_are_named(owner: Api, root: str) -> None:
    message = refused(owner.post(f"{root}/workspaces", {"name": "ML", "colour": CANARY}))
    assert message == "colour: There is no field of this name here."


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": 1}, "name: Must be a string."),
        ({"name": None}, "name: This field may not be null."),
        ({"name": ""}, "name: This field may not be blank."),
        ({"isCicdEnforced": CANARY}, "isCicdEnforced: Must be true or false."),
        ({"isCicdEnforced": 1}, "isCicdEnforced: Must be true or false."),
        ({"executor": CANARY}, "executor: Must be one of ASTRO, CELERY, LOCAL."),
        ({"executor": "KUBERNETES"}, "executor: Must be one of ASTRO, CELERY, LOCAL."),
        ({"type": "DEDICATED"}, "type: Must be one of STANDARD."),
        ({"isHighAvailability": True}, "isHighAvailability: The local cluster runs one of each"),
        ({"contactEmails": "a@example.com"}, "contactEmails: "),
        ({"contactEmails": ["nobody"]}, "contactEmails: "),
        ({"environmentVariables": [{"key": "A"}]}, "environmentVariables.0.isSecret: "),
        ({"workspaceId": "c" + "0" * 24}, "workspaceId: A Deployment cannot be moved"),
        ({"scalingSpec": {"hibernationSpec": {"schedules": [{}]}}}, "Schedules are not there yet"),
        # The limits of cloud-ui-features.md section 2.
        ({"name": "x" * 501}, "name: Ensure this field has no more than 500 characters."),
        ({"description": "x" * 1001}, "description: Ensure this field has no more than 1000"),
        ({"schedulerSize": "HUGE"}, "schedulerSize: Must be one of SMALL, MEDIUM, LARGE, EXTRA"),
        ({"workerQueues": [{"name": "Big"}]}, "workerQueues.0.name: The only queue here is"),
    ],
)
def test_wrong_fields_are_named_with_their_rule(
    owner: Api, root: str, etl: Deployment, fields: dict[str, Any], words: str
) -> None:
    message = refused(owner.post(f"{root}/deployments/{etl.pk}", change(etl, **fields)))
    assert words in message
    etl.refresh_from_db()
    assert (etl.name, etl.generation, etl.status) == ("prod-etl", 1, "HEALTHY")


def test_worker_counts_below_their_floor_are_named(owner: Api, root: str, etl: Deployment) -> None:
    queue = {"name": "default", "isDefault": True, "minWorkerCount": -1, "maxWorkerCount": 0,
             "workerConcurrency": 0}  # fmt: skip
    answer = owner.post(f"{root}/deployments/{etl.pk}", change(etl, workerQueues=[queue]))
    message = refused(answer)
    assert "workerQueues.0.minWorkerCount: Must be at least 0." in message
    assert "workerQueues.0.maxWorkerCount: Must be at least 1." in message
    assert "workerQueues.0.workerConcurrency: Must be at least 1." in message


def test_names_and_descriptions_of_others_have_their_limits(
    owner: Api, root: str, deploys_path: str
) -> None:
    assert "name: " in refused(owner.post(f"{root}/workspaces", {"name": "x" * 51}))
    assert "name: " in refused(owner.post(f"{root}/workspaces", {"name": "   "}))
    assert "name: " in refused(owner.post(root, {"name": "x" * 51}))
    long = {"type": "DAG_ONLY", "description": "x" * 501}
    assert "description: " in refused(owner.post(deploys_path, long))


def test_a_runtime_that_does_not_exist(owner: Api, root: str, etl: Deployment) -> None:
    body = {"name": "new", "workspaceId": etl.workspace_id, "astroRuntimeVersion": "99.9-9"}
    message = refused(owner.post(f"{root}/deployments", body))
    assert message.startswith("astroRuntimeVersion: There is no runtime")


def test_ids_of_another_organization_in_a_body(
    owner: Api, root: str, secret_lab: Deployment
) -> None:
    foreign = {"name": "new", "workspaceId": secret_lab.workspace_id}
    missing = {"name": "new", "workspaceId": "c" + "0" * 24}
    said = refused(owner.post(f"{root}/deployments", foreign))
    assert said.startswith("workspaceId: This workspace does not exist")
    assert refused(owner.post(f"{root}/deployments", missing)) == said, "the same as for nothing"


@pytest.mark.parametrize(
    "path",
    ["v1", "v1/", "v1/organizations/%00", "v1/nothing", "v1/organizations/x/deployments/%00/logs"],
)
def test_every_wrong_address_answers_in_json(owner: Api, path: str) -> None:
    refused(owner.client.get(f"/{path}"), 404)


def test_a_wrong_method_answers_in_json(owner: Api, root: str) -> None:
    assert refused(owner.client.put(f"/v1/{root}"), 405)


def test_a_database_that_does_not_answer_is_no_mystery(
    owner: Api, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise OperationalError(CANARY)

    monkeypatch.setattr(queries, "deployments", broken)
    assert "database" in refused(owner.get(f"{root}/deployments"), 503)


def test_logs_of_a_cluster_that_does_not_answer(
    owner: Api, root: str, etl: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: Any) -> None:
        raise Unavailable("The agent does not answer.", remedy="Try again in a moment.")

    monkeypatch.setattr("deployments.component_logs.read", silent)
    answer = owner.get(f"{root}/deployments/{etl.pk}/logs", sources="scheduler")
    assert "agent" in refused(answer, 503)


def test_logs_name_the_sources_they_need(owner: Api, root: str, etl: Deployment) -> None:
    path = f"{root}/deployments/{etl.pk}/logs"
    assert "sources: " in refused(owner.get(path))
    assert "sources.0: Must be one of apiserver" in refused(owner.get(path, sources=CANARY))
    assert "limit: " in refused(owner.get(path, sources="worker", limit=10_001))


def half_sent(url: str, body: bytes, *, then: Callable[[bytes], Any]) -> list[Any]:
    """PUT half of a body; `then` makes of the other half what the web server says next.

    Answers the messages of the answer.
    """
    path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
    scope = {
        "type": "http", "method": "PUT", "path": f"/{path}", "query_string": query.encode(),
        "headers": [(b"host", b"localhost"), (b"content-length", str(len(body)).encode())],
    }  # fmt: skip
    half, rest = body[: len(body) // 2], body[len(body) // 2 :]
    coming = [lambda: {"type": "http.request", "body": half, "more_body": True}, lambda: then(rest)]
    answered: list[Any] = []

    async def receive() -> Any:
        return await (sync_to_async(coming.pop(0))() if coming else asyncio.Event().wait())

    async def send(message: Any) -> None:
        answered.append(message)

    with one_connection():
        async_to_sync(OneStepHandler())(scope, receive, send)
    return answered


def test_an_upload_cut_off_counts_as_none(api: Api, deploys_path: str, etl: Deployment) -> None:
    first = deployed(api, deploys_path, {"dags/a.py": DAG}).json()
    made = begin(api, deploys_path)
    archive = tar_gz({"dags/b.py": DAG})
    half_sent(made["dagsUploadUrl"], archive, then=lambda _: {"type": "http.disconnect"})
    answer = api.post(f"{deploys_path}/{made['id']}/finalize", {"dagTarballVersion": "x"})
    assert "Nothing was uploaded" in refused(answer)
    etl.refresh_from_db()
    assert etl.current_deploy_id == first["id"]


def test_an_upload_shorter_than_announced_counts_as_none(api: Api, deploys_path: str) -> None:
    """A proxy that gives up in the middle ends the body without breaking the line."""
    url = begin(api, deploys_path)["dagsUploadUrl"]
    archive = tar_gz({"dags/a.py": DAG})
    start, body = half_sent(url, archive, then=lambda _: {"type": "http.request", "body": b""})[:2]
    assert start["status"] == 400
    assert "cut off" in json.loads(body["body"])["message"]
    assert Deploy.objects.get().upload_version == ""


def test_an_upload_repeated_is_the_one_that_counts(
    api: Api, deploys_path: str, etl: Deployment
) -> None:
    made = begin(api, deploys_path)
    old = put(made["dagsUploadUrl"], tar_gz({"dags/a.py": DAG}))["x-ms-version-id"]
    new = put(made["dagsUploadUrl"], tar_gz({"dags/b.py": DAG}))["x-ms-version-id"]
    finalize = f"{deploys_path}/{made['id']}/finalize"
    assert "dagTarballVersion" in refused(api.post(finalize, {"dagTarballVersion": old}))
    assert api.post(finalize, {"dagTarballVersion": new}).status_code == 200


def test_a_token_revoked_in_the_middle_of_a_body_is_as_good_as_none(
    api: Api, deploys_path: str, etl: Deployment, olivia: User
) -> None:
    first = deployed(api, deploys_path, {"dags/a.py": DAG}).json()
    made = begin(api, deploys_path)

    def revoked(rest: bytes) -> Any:
        held = DeploymentRoleBinding.objects.get()
        tokens.delete(held, typed_name="pipeline", actor=factories.actor(olivia))
        return {"type": "http.request", "body": rest, "more_body": False}

    archive = tar_gz({"dags/b.py": DAG})
    start, body = half_sent(made["dagsUploadUrl"], archive, then=revoked)[:2]
    assert start["status"] == 403
    assert "revoked" in json.loads(body["body"])["message"]
    assert Deploy.objects.get(pk=made["id"]).upload_version == ""
    etl.refresh_from_db()
    assert etl.current_deploy_id == first["id"]


def test_a_token_revoked_during_an_upload_ends_it(
    api: Api, deploys_path: str, etl: Deployment, olivia: User
) -> None:
    first = deployed(api, deploys_path, {"dags/a.py": DAG}).json()
    made = begin(api, deploys_path)
    version = put(made["dagsUploadUrl"], tar_gz({"dags/b.py": DAG}))["x-ms-version-id"]
    held = DeploymentRoleBinding.objects.get()
    tokens.delete(held, typed_name="pipeline", actor=factories.actor(olivia))
    answer = put(made["dagsUploadUrl"], tar_gz({"dags/c.py": DAG}))
    assert json.loads(answer.content)["message"].startswith("The API token that began this deploy")
    assert answer.status_code == 403
    finalize = f"{deploys_path}/{made['id']}/finalize"
    assert "deleted" in refused(api.post(finalize, {"dagTarballVersion": version}), 401)
    etl.refresh_from_db()
    assert (etl.current_deploy_id, etl.status) == (first["id"], "DEPLOYING")
