"""The conversation of `astro deploy --dags`, as the reference describes it, word for word."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from deployments.models import Deploy, Deployment
from tests.api.conftest import Api
from tests.deploys.packing import DAG, tar_gz

CUID = r"^c[0-9a-z]{24}$"
BLOB = {"x-ms-blob-type": "BlockBlob"}
pytestmark = pytest.mark.django_db


def put(url: str, body: bytes, **headers: str) -> Any:
    """As the Azure SDK does it: no bearer, octet-stream, the address is the capability."""
    parts = urlsplit(url)
    return Client().put(
        f"{parts.path}?{parts.query}", body, content_type="application/octet-stream",
        headers={**BLOB, **headers},
    )  # fmt: skip


def begin(api: Api, deploys_path: str) -> Any:
    answer = api.post(deploys_path, {"type": "DAG_ONLY", "description": "first"})
    assert answer.status_code == 200
    return answer.json()


def deployed(api: Api, deploys_path: str, files: dict[str, bytes]) -> Any:
    made = begin(api, deploys_path)
    uploaded = put(made["dagsUploadUrl"], tar_gz(files))
    version = uploaded["x-ms-version-id"]
    return api.post(f"{deploys_path}/{made['id']}/finalize", {"dagTarballVersion": version})


def test_create_upload_finalize(
    api: Api, deploys_path: str, etl: Deployment, data_dir: Path
) -> None:
    made = begin(api, deploys_path)
    assert made["status"] == "INITIALIZED"
    assert made["dagsUploadUrl"].startswith("http://localhost:8000/uploads/")
    assert {"id", "imageRepository", "imageTag", "isDagDeployEnabled"} <= made.keys()

    uploaded = put(made["dagsUploadUrl"], tar_gz({"dags/a.py": DAG}))
    assert uploaded.status_code == 201

    finalize = f"{deploys_path}/{made['id']}/finalize"
    done = api.post(finalize, {"dagTarballVersion": uploaded["x-ms-version-id"]})
    assert done.status_code == 200
    assert done["Content-Type"] == "application/json"
    assert done.json()["status"] == "DEPLOYED"
    etl.refresh_from_db()
    assert etl.current_deploy_id == made["id"]
    assert etl.status == "DEPLOYING"
    stored = data_dir / "deploys" / etl.pk / made["id"] / "dags" / "a.py"
    assert stored.read_bytes() == DAG


def test_an_upload_in_blocks(api: Api, deploys_path: str, etl: Deployment) -> None:
    """Above 1 MiB the SDK sends blocks in any order, then their list."""
    archive = tar_gz({"dags/a.py": DAG})
    half = len(archive) // 2
    ids = [base64.b64encode(f"block-{n:05}".encode()).decode() for n in range(2)]
    made = begin(api, deploys_path)
    url = made["dagsUploadUrl"]
    for block_id, block in ((ids[1], archive[half:]), (ids[0], archive[:half])):
        assert put(f"{url}&comp=block&blockid={block_id}", block).status_code == 201
    listing = "".join(f"<Latest>{each}</Latest>" for each in ids)
    whole = put(f"{url}&comp=blocklist", f"<BlockList>{listing}</BlockList>".encode())
    assert whole.status_code == 201
    finalize = f"{deploys_path}/{made['id']}/finalize"
    done = api.post(finalize, {"dagTarballVersion": whole["x-ms-version-id"]})
    assert done.json()["status"] == "DEPLOYED"


def test_a_block_list_that_names_a_missing_block_is_refused(api: Api, deploys_path: str) -> None:
    url = begin(api, deploys_path)["dagsUploadUrl"]
    answer = put(f"{url}&comp=blocklist", b"<BlockList><Latest>x</Latest></BlockList>")
    assert answer.status_code == 400


def test_a_block_list_with_entities_is_refused(api: Api, deploys_path: str) -> None:
    url = begin(api, deploys_path)["dagsUploadUrl"]
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]><BlockList><Latest>&x;</Latest></BlockList>'
    assert put(f"{url}&comp=blocklist", bomb).status_code == 400


@pytest.mark.parametrize("change", [lambda url: url + "x", lambda url: url.partition("?")[0]])
def test_without_the_right_signature_nothing_is_taken(
    api: Api, deploys_path: str, change: Any
) -> None:
    answer = put(change(begin(api, deploys_path)["dagsUploadUrl"]), b"x")
    assert answer.status_code == 403
    assert set(answer.json()) == {"message", "requestId", "statusCode"}


def test_an_upload_address_counts_for_a_day(api: Api, deploys_path: str) -> None:
    made = begin(api, deploys_path)
    Deploy.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert put(made["dagsUploadUrl"], b"x").status_code == 403


def test_more_than_two_gibibytes_are_refused_by_their_announcement(
    api: Api, deploys_path: str
) -> None:
    url = urlsplit(begin(api, deploys_path)["dagsUploadUrl"])
    answer = Client().put(f"{url.path}?{url.query}", b"x", CONTENT_LENGTH=str(2 * 1024**3 + 1))
    assert answer.status_code == 413


def test_finalize_needs_the_version_of_the_last_upload(api: Api, deploys_path: str) -> None:
    made = begin(api, deploys_path)
    finalize = f"{deploys_path}/{made['id']}/finalize"
    assert api.post(finalize, {"dagTarballVersion": "x"}).status_code == 400
    put(made["dagsUploadUrl"], tar_gz({"dags/a.py": DAG}))
    assert api.post(finalize, {"dagTarballVersion": "x"}).status_code == 400


def test_finalize_again_changes_nothing(api: Api, deploys_path: str, etl: Deployment) -> None:
    done = deployed(api, deploys_path, {"dags/a.py": DAG}).json()
    etl.refresh_from_db()
    generation = etl.generation
    body = {"dagTarballVersion": done["dagTarballVersion"]}
    again = api.post(f"{deploys_path}/{done['id']}/finalize", body)
    etl.refresh_from_db()
    assert (again.status_code, again.json()["status"]) == (200, "DEPLOYED")
    assert etl.generation == generation


def test_what_was_finalized_takes_no_upload(api: Api, deploys_path: str) -> None:
    made = begin(api, deploys_path)
    version = put(made["dagsUploadUrl"], tar_gz({"dags/a.py": DAG}))["x-ms-version-id"]
    api.post(f"{deploys_path}/{made['id']}/finalize", {"dagTarballVersion": version})
    assert put(made["dagsUploadUrl"], b"other").status_code == 409


def test_a_bad_archive_fails_the_deploy_and_leaves_what_runs(
    api: Api, deploys_path: str, etl: Deployment, data_dir: Path
) -> None:
    good = deployed(api, deploys_path, {"dags/a.py": DAG}).json()
    bad = deployed(api, deploys_path, {"../a.py": DAG})
    assert bad.status_code == 400
    assert "leads out of the archive" in bad.json()["message"]
    etl.refresh_from_db()
    assert etl.current_deploy_id == good["id"]
    assert [path.name for path in (data_dir / "deploys" / etl.pk).iterdir()] == [good["id"]]
    assert api.get(deploys_path).json()["deploys"][0]["status"] == "FAILED"


def test_roll_back_makes_a_new_entry_with_the_old_content(
    api: Api, deploys_path: str, etl: Deployment
) -> None:
    first = deployed(api, deploys_path, {"dags/a.py": b"# dag airflow 1"}).json()
    deployed(api, deploys_path, {"dags/a.py": b"# dag airflow 2"})
    back = api.post(f"{deploys_path}/{first['id']}/rollback", {"description": "oops"})
    assert back.status_code == 200
    assert back.json()["rollbackFromId"] == first["id"]
    assert back.json()["dagTarballVersion"] == first["dagTarballVersion"]
    made = Deploy.objects.get(pk=back.json()["id"])
    assert (made.number, made.content_version) == (3, first["id"])
    etl.refresh_from_db()
    assert etl.current_deploy_id == made.pk


def test_the_list_has_totals_and_the_newest_first(api: Api, deploys_path: str) -> None:
    for _ in range(3):
        begin(api, deploys_path)
    answer = api.get(deploys_path, limit=2, offset=0).json()
    assert {name: answer[name] for name in ("totalCount", "limit", "offset")} == {
        "totalCount": 3, "limit": 2, "offset": 0,
    }  # fmt: skip
    assert len(answer["deploys"]) == 2


def test_the_upload_address_is_given_once(api: Api, deploys_path: str) -> None:
    made = begin(api, deploys_path)
    assert "dagsUploadUrl" not in api.get(f"{deploys_path}/{made['id']}").json()


def test_an_image_deploy_is_refused_with_the_way_out(api: Api, deploys_path: str) -> None:
    answer = api.post(deploys_path, {"type": "IMAGE_AND_DAG"})
    assert answer.status_code == 400
    assert "astro deploy --dags" in answer.json()["message"]
