"""A body that is too large is refused before it reaches the disk."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any

import pytest

from api.body_limit import BodyLimit

MIB = 1024**2


async def ask(path: str, *, announced: int | None = None, sent: int = 0) -> tuple[int, int, Any]:
    """Status, bytes that the application read, and the answer."""
    taken, answers = 0, []

    async def application(_: Any, receive: Any, send: Any) -> None:
        nonlocal taken
        while (message := await receive())["more_body"]:
            taken += len(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    left = sent

    async def receive() -> MutableMapping[str, Any]:
        nonlocal left
        chunk = min(left, MIB)
        left -= chunk
        return {"type": "http.request", "body": bytes(chunk), "more_body": chunk > 0}

    async def send(message: MutableMapping[str, Any]) -> None:
        answers.append(message)

    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    scope = {"type": "http", "path": path, "headers": headers}
    await BodyLimit(application)(scope, receive, send)
    return answers[0]["status"], taken, json.loads(answers[1]["body"])


@pytest.mark.asyncio
async def test_two_gibibytes_are_refused_by_their_announcement_unread() -> None:
    status, taken, answer = await ask("/uploads/x/bundle.tar.gz", announced=3 * 1024**3)
    assert (status, taken, answer["statusCode"]) == (413, 0, 413)


@pytest.mark.asyncio
async def test_an_ordinary_address_takes_sixteen_mebibytes() -> None:
    assert (await ask("/v1/organizations", sent=16 * MIB))[0] == 200
    status, taken, _ = await ask("/v1/organizations", sent=40 * MIB)
    assert status == 413
    assert taken <= 16 * MIB


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/uploads/x/bundle.tar.gz", "/deployments/x/deploys/upload/"])
async def test_an_upload_takes_more(path: str) -> None:
    assert (await ask(path, sent=40 * MIB))[0] == 200
