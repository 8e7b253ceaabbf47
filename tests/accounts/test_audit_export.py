"""The audit log taken away as newline-delimited JSON: what the page shows, and only that."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse

from accounts.models import Organization, User
from audit.models import AuditRecord, Outcome
from tests.audit.rows import written


@pytest.fixture
def book(acme: Organization, umbrella: Organization) -> None:
    for day in (3, 4, 5):
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        written(f"march.{day}", at=at, organization=acme.pk)
        written("of another", at=at, organization=umbrella.pk)


def exported(client: Client, acme: Organization, asked: str = "") -> list[dict[str, Any]]:
    answer = client.get(reverse("accounts:audit_export", args=[acme.pk]) + asked)
    assert answer.status_code == 200

    async def whole() -> bytes:
        return b"".join([part async for part in answer.streaming_content])  # type: ignore[attr-defined]

    return [json.loads(line) for line in async_to_sync(whole)().splitlines()]


@pytest.mark.usefixtures("book")
def test_it_has_the_rows_of_the_organization_in_their_order(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)

    with mock.patch("audit.export._AT_ONCE", 2):
        *rows, own = exported(client, acme)

    assert [row["action"] for row in rows] == ["march.3", "march.4", "march.5"]
    assert own["action"] == "accounts.export_audit", "who takes it away stands in it"
    assert rows[0] | {"id": 0} == {
        "id": 0, "at": "2026-03-03T12:00:00+00:00", "organizationId": acme.pk, "workspaceId": "",
        "deploymentId": "", "actorKind": "USER", "actorId": "olivia",
        "actorLabel": "olivia@example.com", "action": "march.3", "targetType": "Workspace",
        "targetId": "science", "targetLabel": 'Data\tScience \\ "ä"\n', "outcome": "DONE",
        "before": {}, "after": {"name": "Data Science", "size": 1.5}, "door": "page",
        "sourceIp": "", "userAgent": "", "requestId": "",
    }  # fmt: skip


@pytest.mark.usefixtures("book")
def test_filters_and_days_of_the_page_count(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)
    asked = "?from=2026-03-04&to=2026-03-05&actor=olivia"

    assert [row["action"] for row in exported(client, acme, asked)] == ["march.4", "march.5"]
    row = AuditRecord.objects.get(action="accounts.export_audit")
    assert row.after == {"exported": "actor=olivia&from=2026-03-04&to=2026-03-05"}
    page = client.get(reverse("accounts:audit", args=[acme.pk]) + asked).content.decode()
    assert "/audit/export/?actor=olivia&amp;from=2026-03-04&amp;to=2026-03-05" in page


def test_who_may_not_read_it_is_refused_and_written_down(
    client: Client, mia: User, acme: Organization
) -> None:
    client.force_login(mia)

    answer = client.get(reverse("accounts:audit_export", args=[acme.pk]))

    assert answer.status_code == 403
    assert AuditRecord.objects.get(action="accounts.export_audit").outcome == Outcome.REFUSED
