"""Two programs at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from access.roles import Role
from accounts.models import Organization
from deployments.models import Deployment
from tests import factories
from tests.api.conftest import Api
from tests.api.test_deploy_protocol import begin, put
from tests.deploys.packing import DAG, tar_gz
from workspaces.models import Workspace


@pytest.mark.django_db(transaction=True)
def test_two_finalizes_at_once_deploy_once(data_dir: Path) -> None:
    acme = Organization.objects.create(name="Acme")
    etl = factories.deployment(Workspace.objects.create(organization=acme, name="Data"))
    bearer = factories.organization_token(acme, Role.ORGANIZATION_OWNER)
    path = f"organizations/{acme.pk}/deployments/{etl.pk}/deploys"
    made = begin(Api(bearer), path)
    version = put(made["dagsUploadUrl"], tar_gz({"dags/a.py": DAG}))["x-ms-version-id"]
    together = Barrier(2, timeout=30)

    def finalize(_: int) -> Any:
        try:
            together.wait()
            body = {"dagTarballVersion": version}
            return Api(bearer).post(f"{path}/{made['id']}/finalize", body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(finalize, range(2)))

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["id"] == answers[1].json()["id"] == made["id"]
    etl = Deployment.objects.get()
    assert (etl.current_deploy_id, etl.generation) == (made["id"], 2)
    assert [each.name for each in (data_dir / "deploys" / etl.pk).iterdir()] == [made["id"]]
