"""A row of the book stays as it was written, also for the role that the console itself has."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import AuditRecord
from tests.audit.rows import written

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditrecord SET actor_label = 'somebody else'",
        "DELETE FROM audit_auditrecord",
        "TRUNCATE audit_auditrecord",
        "TRUNCATE audit_auditrecord CASCADE",
        "MERGE INTO audit_auditrecord b USING (SELECT 1) o ON true WHEN MATCHED THEN DELETE",
        "SET session_replication_role = replica; DELETE FROM audit_auditrecord",
    ],
)
def test_the_database_refuses_to_change_what_is_written(statement: str) -> None:
    row = written("workspaces.create")

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditRecord.objects.get().actor_label == row.actor_label


def test_django_is_refused_as_well() -> None:
    row = written("workspaces.create")

    for change in (row.save, row.delete, AuditRecord.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()

    assert AuditRecord.objects.count() == 1
