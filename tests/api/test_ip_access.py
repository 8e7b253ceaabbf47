"""API tokens count only from the networks that their Organization admits."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import Organization
from audit.models import AuditRecord
from tests import factories
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    cache.clear()


def test_every_call_from_elsewhere_is_403_with_a_request_id(owner: Api, acme: Organization) -> None:
    factories.restrict(acme, "203.0.113.0/24")

    for path in ("organizations", f"organizations/{acme.pk}", "users/self"):
        answer = owner.get(path)
        assert answer.status_code == 403
        said = answer.json()
        assert said["requestId"]
        assert "you come from 127.0.0.1" in said["message"]
    owner.client.defaults["REMOTE_ADDR"] = "203.0.113.8"
    assert owner.get(f"organizations/{acme.pk}").status_code == 200
    assert AuditRecord.objects.filter(action="accounts.enter").count() == 1


def test_a_begun_upload_does_not_go_on_elsewhere(
    api: Api, deploys_path: Any, acme: Organization
) -> None:
    begun = api.post(deploys_path, {"type": "DAG_ONLY"}).json()
    factories.restrict(acme, "203.0.113.0/24")
    address = begun["dagsUploadUrl"]

    answer = api.client.put(
        address[address.index("/uploads/") :], b"x", content_type="application/octet-stream"
    )

    assert answer.status_code == 403
    assert "127.0.0.1" in answer.json()["message"]
