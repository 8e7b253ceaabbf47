"""People and tokens as the API shows them."""

from __future__ import annotations

from typing import Any

from access.scopes import PrincipalKind
from accounts.models import User


def person(user: User | None) -> dict[str, Any]:
    """A BasicSubjectProfile; `id` is always there, empty for somebody who is gone."""
    if user is None:
        return {"id": "", "subjectType": "USER"}
    return {
        "id": user.pk,
        "subjectType": "USER",
        "username": user.email,
        "fullName": user.full_name or user.email,
    }


def principal(kind: str, subject_id: str, label: str) -> dict[str, Any]:
    """The same from what was written down when somebody acted."""
    if kind == PrincipalKind.API_TOKEN:
        return {"id": subject_id, "subjectType": "SERVICEKEY", "apiTokenName": label}
    return {"id": subject_id, "subjectType": "USER", "username": label, "fullName": label}
