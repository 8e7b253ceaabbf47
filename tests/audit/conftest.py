from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from audit import heads, sealing
from audit.models import AuditRecord
from tests.audit.rows import written


@pytest.fixture
def heads_file(settings: Settings, tmp_path: Path) -> Path:
    file = tmp_path / "audit" / "heads.jsonl"
    settings.AUDIT_HEADS = file
    return file


@pytest.fixture
def book(db: None, heads_file: Path) -> list[AuditRecord]:
    """Three seals of Acme with two rows each, one of Umbrella and one of nobody; published."""
    rows = []
    for number in range(3):
        rows += [written(f"acme.{number}"), written(f"acme.{number}.more")]
        rows += [written("umbrella", organization="umbrella")] if number == 1 else []
        rows += [written("nobody", organization="")] if number == 2 else []
        sealing.seal_all()
        heads.publish()
    return rows
