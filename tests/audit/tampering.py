"""What somebody does who owns the database, and so can lay its triggers aside."""

from __future__ import annotations

from typing import Any

from django.db import connection

TABLES = ("audit_auditrecord", "audit_seal", "audit_checkpoint")


def tamper(*statements: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            cursor.execute(statement, values)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
