"""What deploys promise: order, enforcement, undo, sleep, and who may."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from access.policy import PermissionDenied
from accounts.models import User
from audit.models import AuditRecord
from deployments import archives, backends, reconciler, services
from deployments.lifecycle import Status
from deployments.models import Deploy, Deployment, Operation
from deployments.provisioners.base import Failure
from deployments.provisioners.memory import MemoryProvisioner
from deployments.services import deploys
from deployments.services.deploys.begin import CiCdEnforced
from deployments.spec import deploy_folder
from tests import factories
from tests.deploys.conftest import Deployer
from tests.deploys.packing import DAG, on_disk, tar_gz
from web.errors import Conflict, DomainError

pytestmark = pytest.mark.django_db
FILES = {"dags/a.py": DAG}


def settle(deployment: Deployment) -> None:
    """Let the reconciler work until nothing is left to do."""
    for _ in range(50):
        Deployment.objects.filter(pk=deployment.pk).update(lease_until=None)
        reconciler.reconcile(deployment.pk)
        deployment.refresh_from_db()
        if deployment.is_settled:
            return
    raise AssertionError("not settled")


def memory(deployment: Deployment) -> MemoryProvisioner:
    backend = backends.provisioner(deployment.cluster)
    assert isinstance(backend, MemoryProvisioner)
    return backend


def test_a_deploy_becomes_the_wish_and_then_the_active_one(ship: Deployer, etl: Deployment) -> None:
    deploy = ship(FILES)
    settle(etl)
    assert etl.current_deploy_id == etl.active_deploy_id == deploy.pk
    assert etl.status == Status.HEALTHY
    deploy.refresh_from_db()
    assert (deploy.number, deploy.file_count, deploy.size_bytes) == (1, 1, len(DAG))
    assert deploy.active_at is not None


def test_the_higher_number_wins_whichever_is_finalized_last(
    etl: Deployment, olivia: User, ship: Deployer, tmp_path: Path
) -> None:
    owner = factories.actor(olivia)
    early = deploys.begin(etl, actor=owner)
    late = ship(FILES)
    with on_disk(tmp_path, tar_gz(FILES)).open("rb") as stream:
        version = deploys.receive(early, stream)
    done = deploys.deliver(Deploy.objects.get(pk=early.pk), version=version, actor=owner)
    etl.refresh_from_db()
    assert (early.number, late.number) == (1, 2)
    assert done.status == Deploy.Status.DEPLOYED
    assert etl.current_deploy_id == late.pk


def test_what_airflow_cannot_be_switched_to_fails_and_the_former_stays(
    ship: Deployer, etl: Deployment
) -> None:
    good = ship(FILES)
    settle(etl)
    backend = memory(etl)
    backend.fail_at("switch-deploy", Failure("The disk broke.", "Mend it.", is_permanent=True))
    bad = ship({"dags/a.py": b"# dag airflow"})
    reconciler.reconcile(etl.pk)
    for _ in range(5):
        Deployment.objects.filter(pk=etl.pk).update(lease_until=None)
        reconciler.reconcile(etl.pk)
        bad.refresh_from_db()
        if bad.status == Deploy.Status.FAILED:
            break
    backend.fail_at("switch-deploy", None)
    settle(etl)
    assert (bad.status, bad.failure_cause) == (Deploy.Status.FAILED, "The disk broke.")
    assert etl.current_deploy_id == etl.active_deploy_id == good.pk
    assert etl.status == Status.HEALTHY
    assert not Operation.objects.filter(status=Operation.Status.RUNNING).exists()


def test_a_sleeping_deployment_keeps_the_deploy_for_its_waking(
    ship: Deployer, etl: Deployment, olivia: User
) -> None:
    first = ship(FILES)
    settle(etl)
    services.hibernate(etl, actor=factories.actor(olivia))
    settle(etl)
    second = ship({"dags/a.py": b"# dag airflow"})
    settle(etl)
    assert etl.status == Status.HIBERNATING
    assert (etl.current_deploy_id, etl.active_deploy_id) == (second.pk, first.pk)
    services.wake(etl, actor=factories.actor(olivia))
    settle(etl)
    assert (etl.status, etl.active_deploy_id) == (Status.HEALTHY, second.pk)


@pytest.mark.parametrize("status", [Status.CREATING, Status.DELETING])
def test_a_deployment_that_comes_or_goes_takes_no_deploy(
    ship: Deployer, etl: Deployment, status: Status
) -> None:
    Deployment.objects.filter(pk=etl.pk).update(status=status)
    with pytest.raises(Conflict):
        ship(FILES)
    assert not Deploy.objects.exists()


def test_enforcement_takes_tokens_only(ship: Deployer, etl: Deployment) -> None:
    Deployment.objects.filter(pk=etl.pk).update(enforces_ci_cd=True)
    etl.refresh_from_db()
    with pytest.raises(CiCdEnforced):
        ship(FILES)


def test_an_author_deploys_but_does_not_roll_back(
    etl: Deployment, wanda: User, ship: Deployer
) -> None:
    first = ship(FILES)
    ship({"dags/a.py": b"# dag airflow"})
    author = factories.actor(wanda)
    assert deploys.begin(etl, actor=author).number == 3
    with pytest.raises(PermissionDenied):
        deploys.roll_back(first, actor=author)
    refused = AuditRecord.objects.get(outcome="REFUSED")
    assert refused.action == "deployments.roll_back"


def test_a_member_of_the_organization_cannot_deploy(etl: Deployment, mia: User) -> None:
    with pytest.raises(PermissionDenied):
        deploys.begin(etl, actor=factories.actor(mia))


def test_rolling_back_to_what_is_deployed_now_is_refused(
    ship: Deployer, olivia: User, etl: Deployment
) -> None:
    with pytest.raises(Conflict):
        deploys.roll_back(ship(FILES), actor=factories.actor(olivia))


def test_a_finalize_that_was_killed_can_be_repeated(
    etl: Deployment, olivia: User, tmp_path: Path
) -> None:
    """Its folder was in place already, but nothing stands in the database."""
    owner = factories.actor(olivia)
    deploy = deploys.begin(etl, actor=owner)
    with on_disk(tmp_path, tar_gz(FILES)).open("rb") as stream:
        version = deploys.receive(deploy, stream)
    left = deploy_folder(etl.pk, deploy.pk)
    (left / "dags").mkdir(parents=True)
    (left / "dags" / "half.py").write_bytes(b"")
    deploys.deliver(Deploy.objects.get(pk=deploy.pk), version=version, actor=owner)
    assert [path.name for path in (left / "dags").iterdir()] == ["a.py"]


def test_what_never_succeeded_is_not_gone_back_to(etl: Deployment, olivia: User) -> None:
    failed = factories.deploy(etl, status=Deploy.Status.FAILED)
    deploy_folder(etl.pk, failed.content_version).mkdir(parents=True)

    with pytest.raises(Conflict, match="never succeeded"):
        deploys.roll_back(failed, actor=factories.actor(olivia))


def test_what_has_ended_is_not_finalized(etl: Deployment, olivia: User) -> None:
    failed = factories.deploy(etl, status=Deploy.Status.FAILED, upload_version="v1")

    with pytest.raises(Conflict, match="has ended already"):
        deploys.finalize(failed, version="v1", actor=factories.actor(olivia))


def test_a_full_disk_is_said_to_be_full(
    etl: Deployment, olivia: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = factories.actor(olivia)
    deploy = deploys.begin(etl, actor=owner)
    with on_disk(tmp_path, tar_gz(FILES)).open("rb") as stream:
        version = deploys.receive(deploy, stream)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "unpack", full)
    deploy.refresh_from_db()

    with pytest.raises(DomainError, match="disk"):
        deploys.finalize(deploy, version=version, actor=owner)
