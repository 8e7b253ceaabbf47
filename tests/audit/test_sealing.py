"""Each committed row gets one place in its chain, and nobody who writes waits for it."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from audit import lines, sealing, tasks
from audit.models import AuditRecord, Seal, Unsealed
from audit.verify import verify
from tests.audit.rows import written

_INSERT = """
    INSERT INTO audit_auditrecord (at, organization_id, workspace_id, deployment_id, actor_kind,
    actor_id, actor_label, action, target_type, target_id, target_label, outcome, before, after,
    door, source_ip, user_agent, request_id)
    VALUES (now(), 'acme', '', '', 'USER', '', '', %s, '', '', '', 'DONE', '{}', '{}',
    '', '', '', '')
"""


def elsewhere() -> psycopg.Connection[tuple[object, ...]]:
    known = connection.get_connection_params()
    return psycopg.connect(
        **{name: known[name] for name in ("host", "port", "user", "password", "dbname")}
    )


@pytest.mark.django_db
def test_the_digest_is_of_the_row_as_copy_writes_it() -> None:
    row = written("workspaces.create", at=datetime(2026, 3, 4, 12, 0, 0, 5, tzinfo=UTC))

    (line,) = lines.read([row.pk])

    text = (
        f"{row.pk}\t1772625600000005\tacme\t\t\tUSER\tolivia\tolivia@example.com\t"
        'workspaces.create\tWorkspace\tscience\tData\\tScience \\\\ "ä"\\n\tDONE\t{}\t'
        '{"name": "Data Science", "size": 1.5}\tpage\t\t\t\n'
    )
    assert line.digest == sha256(text.encode()).digest()
    assert (line.organization_id, line.at) == ("acme", 1772625600000005)


def test_every_column_is_sealed() -> None:
    assert set(lines.COLUMNS) == {each.attname for each in AuditRecord._meta.concrete_fields}


@pytest.mark.django_db
def test_seals_refuse_to_be_changed() -> None:
    written("one")
    sealing.seal_all()

    for change in (Seal.objects.get().save, Seal.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_gets_a_later_place(heads_file: Path) -> None:
    with elsewhere() as slow, elsewhere() as quick:
        slow.execute(_INSERT, ["slow"])
        quick.execute(_INSERT, ["quick"])
        quick.commit()
        tasks.keep()
        assert Unsealed.objects.count() == 0
        slow.commit()
        tasks.keep()

    slow_id, quick_id = AuditRecord.objects.order_by("id").values_list("id", flat=True)
    assert [seal.record_ids for seal in Seal.objects.order_by("number")] == [[quick_id], [slow_id]]
    assert (verify().findings, verify().rows) == ([], 2)


@pytest.mark.django_db(transaction=True)
def test_writers_and_sealers_do_not_wait_for_each_other() -> None:
    with elsewhere() as sealer, elsewhere() as writer:
        sealer.execute("SELECT pg_advisory_xact_lock(%s)", [sealing._LOCK])
        sealer.execute("DELETE FROM audit_unsealed")
        writer.execute("SET statement_timeout = '5s'")
        writer.execute(_INSERT, ["at once"])
        writer.commit()
        assert sealing.seal() == [], "there is one chain to go on with"
        sealer.rollback()

    assert sealing.seal_all() == 1
