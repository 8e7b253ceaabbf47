"""Copies of the audit log by the command line and by `/v1`: any days, and written down."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.utils import timezone

from access.roles import Role
from accounts.models import Organization
from audit.models import AuditRecord
from tests import factories
from tests.api.conftest import Api
from tests.audit.rows import written


@pytest.fixture
def book(acme: Organization, umbrella: Organization) -> None:
    for day in (3, 4, 5):
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        written(f"march.{day}", at=at, organization=acme.pk)
        written("of another", at=at, organization=umbrella.pk)
    written("lately", at=timezone.now() - timedelta(days=2), organization=acme.pk)


def copied(acme: Organization, *arguments: str) -> list[str]:
    out = StringIO()
    call_command("audit", "export", acme.pk, *arguments, stdout=out)
    return [json.loads(line)["action"] for line in out.getvalue().splitlines()]


@pytest.mark.usefixtures("book")
def test_any_days_by_the_command_line(acme: Organization, tmp_path: Path) -> None:
    assert copied(acme, "--from", "2026-03-04", "--to", "2026-03-05") == ["march.4", "march.5"]
    assert copied(acme, "--days", "3")[0] == "lately"
    row = AuditRecord.objects.filter(action="accounts.export_audit").earliest("id")
    assert (row.actor_label, row.door) == ("console audit", "cli")
    assert row.after == {"exported": "from=2026-03-04T00:00:00+00:00&to=2026-03-06T00:00:00+00:00"}

    file = tmp_path / "copy.ndjson"
    call_command("audit", "export", acme.pk, "--from", "2026-03-03", "--output", str(file))

    assert json.loads(file.read_text().splitlines()[0])["action"] == "march.3"
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="File exists"):
        call_command("audit", "export", acme.pk, "--output", str(file))


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--days", "91"], "From 1 to 90 days"),
        (["--days", "0"], "From 1 to 90 days"),
        (["--days", "3", "--from", "2026-03-03"], "not both"),
        (["--from", "yesterday"], "yesterday is not a day"),
        (["--from", "2026-03-05", "--to", "2026-03-04"], "ends before it begins"),
    ],
)
def test_a_period_that_is_none(acme: Organization, arguments: list[str], cause: str) -> None:
    with pytest.raises(CommandError, match=cause):
        copied(acme, *arguments)


def lines_of(answer: Any) -> list[str]:
    async def whole() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return [json.loads(line)["action"] for line in async_to_sync(whole)().splitlines()]


@pytest.mark.usefixtures("book")
def test_a_period_by_the_api(acme: Organization, umbrella: Organization) -> None:
    owner = Api(factories.organization_token(acme, Role.ORGANIZATION_OWNER))
    path = f"organizations/{acme.pk}/audit-logs"

    answer = owner.get(path, startDate="2026-03-04T00:00:00Z", endDate="2026-03-05T00:00:00Z")

    assert answer["Content-Type"] == "application/x-ndjson"
    assert lines_of(answer) == ["march.4"]
    assert lines_of(owner.get(path))[0] == "lately", "the 90 days up to now"
    late = owner.get(path, startDate="2026-03-05T00:00:00Z", endDate="2026-03-05T00:00:00Z")
    assert late.status_code == 400
    assert owner.get(f"organizations/{umbrella.pk}/audit-logs").status_code == 404


@pytest.mark.usefixtures("book")
def test_a_token_without_the_right_is_refused(acme: Organization) -> None:
    member = Api(factories.organization_token(acme, Role.ORGANIZATION_MEMBER))

    assert member.get(f"organizations/{acme.pk}/audit-logs").status_code == 403
