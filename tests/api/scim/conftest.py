"""Acme with SCIM on, the domain example.com proven, and an identity provider with its token."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from access.roles import Role
from accounts.models import Organization, SsoDomain
from tests import factories


class Provider:
    """An identity provider, as its calls look from here."""

    def __init__(self, organization: Organization, bearer: str) -> None:
        self.base = f"/scim/v2/{organization.pk}"
        self.bearer = f"Bearer {bearer}"
        self._client = Client(headers={"Authorization": self.bearer})

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        kind = headers.pop("content_type", "application/scim+json")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(
            method, f"{self.base}{path}", sent, content_type=kind, headers=named
        )

    def get(self, path: str, **query: str) -> Any:
        return self._client.get(f"{self.base}{path}", query)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> Any:
        schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
        return self.call("PATCH", path, {"schemas": schemas, "Operations": operations}, **headers)

    def user(self, user_name: str, /, **more: Any) -> dict[str, Any]:
        """Create one and answer it."""
        answer = self.post("/Users", {"schemas": [USER], "userName": user_name, **more})
        assert answer.status_code == 201, answer.content
        return dict(answer.json())

    def group(self, name: str, *members: dict[str, Any]) -> dict[str, Any]:
        entries = [{"value": each["id"]} for each in members]
        answer = self.post("/Groups", {"displayName": name, "members": entries})
        assert answer.status_code == 201, answer.content
        return dict(answer.json())

    def names(self, filtered: str, path: str = "/Users") -> set[str]:
        """Who fits a filter."""
        answer = self.get(path, filter=filtered)
        assert answer.status_code == 200, answer.content
        named = "userName" if path == "/Users" else "displayName"
        return {each[named].partition("@")[0] for each in answer.json()["Resources"]}


USER = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.fixture(autouse=True)
def _proven(acme: Organization) -> None:
    SsoDomain.objects.create(organization=acme, domain="example.com", proven_at=timezone.now())


@pytest.fixture
def idp(acme: Organization) -> Provider:
    acme.is_scim_on = True
    acme.save()
    return Provider(acme, factories.organization_token(acme, Role.ORGANIZATION_OWNER))
