"""Rows of the book without a service that writes them."""

from __future__ import annotations

from datetime import datetime
from unittest import mock

from audit.models import AuditRecord


def written(action: str, *, at: datetime | None = None, organization: str = "acme") -> AuditRecord:
    """One row; dated `at`, as a console would have done it then."""
    values = {
        "organization_id": organization,
        "actor_kind": "USER",
        "actor_id": "olivia",
        "actor_label": "olivia@example.com",
        "action": action,
        "target_type": "Workspace",
        "target_id": "science",
        "target_label": 'Data\tScience \\ "ä"\n',
        "after": {"name": "Data Science", "size": 1.50},
        "door": "page",
    }
    if at is None:
        return AuditRecord.objects.create(**values)
    with mock.patch("django.utils.timezone.now", return_value=at):
        return AuditRecord.objects.create(**values)
