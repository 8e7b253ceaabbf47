"""The Deploys tab: drop, history, one deploy, differences, download, roll back."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from deployments.models import Deploy, Deployment, Operation
from tests.deploys.conftest import Deployer
from tests.deploys.packing import DAG, tar_gz, zipped

pytestmark = pytest.mark.django_db


def page(deployment: Deployment, rest: str = "") -> str:
    return f"/deployments/{deployment.pk}/deploys/{rest}"


def test_the_empty_page_explains_three_ways(browser: Client, etl: Deployment) -> None:
    shown = browser.get(page(etl)).content.decode()
    assert "Drop a project" in shown
    assert "curl -sS" in shown
    assert f"astro deploy {etl.pk} --dags" in shown
    assert "No deploys yet" in shown


def test_a_dropped_archive_is_deployed(browser: Client, etl: Deployment) -> None:
    archive = SimpleUploadedFile("project.zip", zipped({"project/dags/a.py": DAG}))
    answer = browser.post(
        page(etl, "upload/"), {"archive": archive, "description": "by hand"},
        headers={"X-Upload": "fetch", "Accept": "application/json"},
    )  # fmt: skip
    deploy = Deploy.objects.get()
    assert answer.json() == {"url": page(etl, f"{deploy.pk}/")}
    assert (deploy.status, deploy.description) == ("DEPLOYED", "by hand")
    assert deploy.created_by_label == "olivia@example.com"


def test_a_dropped_folder_is_deployed(browser: Client, etl: Deployment, data_dir: Path) -> None:
    files = [SimpleUploadedFile("a.py", DAG), SimpleUploadedFile("b.py", b"x = 1\n")]
    answer = browser.post(
        page(etl, "upload/"), {"files": files, "paths": ["my-dags/a.py", "my-dags/lib/b.py"]}
    )
    deploy = Deploy.objects.get()
    assert answer.status_code == 302
    root = data_dir / "deploys" / etl.pk / deploy.pk
    assert (root / "dags/lib/b.py").read_bytes() == b"x = 1\n"
    assert list((data_dir / "uploads").iterdir()) == []


def test_a_single_dag_file_is_deployed(browser: Client, etl: Deployment, data_dir: Path) -> None:
    browser.post(page(etl, "upload/"), {"archive": SimpleUploadedFile("a.py", DAG)})
    deploy = Deploy.objects.get()
    assert (data_dir / "deploys" / etl.pk / deploy.pk / "dags/a.py").read_bytes() == DAG


def test_a_bad_archive_says_why(browser: Client, etl: Deployment) -> None:
    archive = SimpleUploadedFile("x.tar.gz", tar_gz({"/etc/passwd": b"x"}))
    answer = browser.post(
        page(etl, "upload/"), {"archive": archive}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400
    assert "is an absolute path" in answer.json()["message"]
    assert (
        "is an absolute path"
        in browser.get(page(etl, f"{Deploy.objects.get().pk}/")).content.decode()
    )


def test_nothing_chosen_says_so(browser: Client, etl: Deployment) -> None:
    assert browser.post(page(etl, "upload/"), {}).status_code == 400
    assert not Deploy.objects.exists()


def test_a_form_of_another_site_is_refused(olivia: User, etl: Deployment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(olivia)
    archive = SimpleUploadedFile("a.py", DAG)
    assert client.post(page(etl, "upload/"), {"archive": archive}).status_code == 403
    assert not Deploy.objects.exists()


def test_the_history_lists_every_deploy(browser: Client, etl: Deployment, ship: Deployer) -> None:
    ship({"dags/a.py": DAG}, description="the first one")
    shown = browser.get(page(etl)).content.decode()
    assert "the first one" in shown
    assert Deploy.objects.get().sha256 in shown


def test_one_deploy_shows_what_differs(browser: Client, etl: Deployment, ship: Deployer) -> None:
    ship({"dags/a.py": b"one = 1\n", "dags/gone.py": b""})
    second = ship({"dags/a.py": b"one = 2\n", "dags/new.py": b""})
    shown = browser.get(page(etl, f"{second.pk}/")).content.decode()
    for name in ("dags/a.py", "dags/gone.py", "dags/new.py"):
        assert name in shown
    lines = browser.get(page(etl, f"{second.pk}/diff/"), {"path": "dags/a.py"}).content.decode()
    assert "-one = 1" in lines
    assert "+one = 2" in lines


def test_a_deploy_is_called_deployed_only_when_airflow_has_it(
    browser: Client, etl: Deployment, ship: Deployer
) -> None:
    deploy = ship({"dags/a.py": DAG})
    Deploy.objects.filter(pk=deploy.pk).update(active_at=None)
    operation = deploy.operations.get()
    operation.status, operation.finished_at = Operation.Status.RUNNING, None
    operation.save()
    assert "Deploying" in region(browser, etl, deploy)

    Deploy.objects.filter(pk=deploy.pk).update(active_at=timezone.now())
    assert "Deploying" not in region(browser, etl, deploy)
    assert "Deployed" in region(browser, etl, deploy)


def region(browser: Client, deployment: Deployment, deploy: Deploy) -> str:
    """What the page says of the deploy, without the header of the Deployment."""
    address, part = page(deployment, f"{deploy.pk}/"), {"HX-Request": "true", "HX-Target": "deploy"}
    return browser.get(address, headers=part).content.decode()


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "dags/b.py"])
def test_only_files_that_differ_are_shown(
    browser: Client, etl: Deployment, ship: Deployer, path: str
) -> None:
    deploy = ship({"dags/a.py": DAG})
    assert browser.get(page(etl, f"{deploy.pk}/diff/"), {"path": path}).status_code == 404


def test_a_version_can_be_downloaded(browser: Client, etl: Deployment, ship: Deployer) -> None:
    deploy = ship({"dags/a.py": DAG})
    answer = browser.get(page(etl, f"{deploy.pk}/download/"))
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert archive.getnames() == ["dags/a.py"]


def test_roll_back_shows_what_changes_and_then_does_it(
    browser: Client, etl: Deployment, ship: Deployer
) -> None:
    first = ship({"dags/a.py": b"one = 1\n", "dags/gone.py": b""})
    ship({"dags/a.py": b"one = 2\n"})
    shown = browser.get(page(etl, f"{first.pk}/rollback/")).content.decode()
    assert "comes back" in shown
    assert "dags/gone.py" in shown
    browser.post(page(etl, f"{first.pk}/rollback/"), {"description": "it broke"})
    etl.refresh_from_db()
    assert etl.current_deploy is not None
    assert (etl.current_deploy.number, etl.current_deploy.rollback_from_id) == (3, first.pk)


def test_an_outsider_finds_nothing(etl: Deployment, oscar: User, ship: Deployer) -> None:
    deploy = ship({"dags/a.py": DAG})
    client = Client()
    client.force_login(oscar)
    for rest in ("", f"{deploy.pk}/", f"{deploy.pk}/download/", f"{deploy.pk}/rollback/"):
        assert client.get(page(etl, rest)).status_code == 404
    assert client.post(page(etl, "upload/"), {}).status_code == 404


def test_a_deploy_of_another_deployment_is_not_there(
    browser: Client, etl: Deployment, ship: Deployer, secret_lab: Deployment
) -> None:
    foreign = Deploy.objects.create(
        deployment=secret_lab, number=1, runtime_version="3.3-8", created_by_label="x"
    )
    assert browser.get(page(etl, f"{foreign.pk}/")).status_code == 404
