"""People and tokens as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from access.scopes import PrincipalKind
from accounts.models import User
from api.v1.wire.base import Shown


class BasicSubjectProfile(Shown[Any]):
    """`id` is always there, empty for somebody who is gone."""

    optional = frozenset({"username", "fullName", "apiTokenName"})

    id = serializers.CharField()
    subjectType = serializers.ChoiceField(choices=["SERVICEKEY", "USER"])
    username = serializers.CharField()
    fullName = serializers.CharField()
    apiTokenName = serializers.CharField()


def person(user: User | None) -> dict[str, Any]:
    """The BasicSubjectProfile of somebody."""
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
