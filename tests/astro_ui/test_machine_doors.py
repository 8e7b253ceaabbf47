"""Programs pass fewer middlewares than browsers; what keeps both safe is the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from accounts.models import User
from astro_ui.handler import OneStepHandler

pytestmark = pytest.mark.django_db


def _get(path: str, cookie: str = "") -> tuple[int, dict[str, str], bytes]:
    arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    arriving.put_nowait({"type": "http.request"})
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
    scope = {
        "type": "http", "method": "GET", "path": path, "headers": headers, "query_string": b"",
        "client": ("127.0.0.1", 1),
    }  # fmt: skip
    async_to_sync(OneStepHandler())(scope, arriving.get, send)
    said = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], said, b"".join(part.get("body", b"") for part in sent[1:])


DOORS = ("/v1/organizations", "/scim/v2/nobody/Users", "/uploads/nobody/bundle.tar.gz")


@pytest.mark.parametrize("path", [*DOORS, "/v1/nowhere", "/scim/no\x00body"])
def test_an_answer_is_json_that_no_browser_runs_or_frames(path: str) -> None:
    status, headers, body = _get(path)

    assert status >= 400
    assert "json" in headers["content-type"]
    assert json.loads(body)
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert len(headers["x-request-id"]) == 16
    assert headers["content-length"] == str(len(body))
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", DOORS[:2])
def test_a_session_opens_no_door_of_programs(path: str, olivia: User) -> None:
    client = Client()
    client.force_login(olivia)
    ((name, cookie),) = client.cookies.items()
    status, _, _ = _get(path, f"{name}={cookie.value}")
    assert status == 401


def test_a_page_keeps_its_own_chain() -> None:
    status, headers, _ = _get("/livez")
    assert status == 200
    assert "script-src" in headers["content-security-policy"]
