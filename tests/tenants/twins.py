"""The same call with what nobody has in the place of what another Organization has.

Both must be answered alike: else the answer says that there is such a thing somewhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from django.http.response import HttpResponseBase

from tests.tenants.calls import Call

GHOST = "moth3"
"""A mark of the length of the others, which no Organization has."""
_CHANGING = re.compile(
    r"eyj[\w-]+\.[\w-]+\.[\w-]+"  # API tokens
    r"|[\w-]{40,}"  # secrets of links
    r"|key\" value=\"[\w:-]+|csrfmiddlewaretoken\" value=\"\w+|x-csrftoken\": \"\w+"
    r"|c[0-9a-z]{24}|\"id\": \d+|\b[0-9a-f]{16}\b"  # ids, the last of requests
    r"|[a-z]+-[a-z]+-\d{4}\b"  # namespaces
    r"|\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d[\d.:+z]*|\b\d\d:\d\d:\d\d\b|\b\d+ \w+ ago|just now"
)
"""What is new in every answer."""


def twin(call: Call, mark: str) -> tuple[Call, dict[str, str]]:
    """`call` with each thing of the other, whose mark is `mark`, turned into nobody's; and the
    way back, from what nobody has to what the other has."""
    into = {each: nobodys(each, mark) for each in call.foreign}

    def swap(text: str) -> str:
        for value, ghost in into.items():
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", ghost, text)
        return text

    path = "/".join(quote(swap(unquote(each)), safe="@") for each in call.path.split("/"))
    swapped = replace(
        call, path=path, body=_mapped(call.body, swap), query=_mapped(call.query, swap)
    )
    back = {ghost: value for value, ghost in into.items() if mark not in value}
    return swapped, {GHOST: mark, **back}


def nobodys(value: str, mark: str) -> str:
    """Of the same form, and as a word or id of the same length."""
    if mark in value:
        return value.replace(mark, GHOST)
    if value.isdigit():
        return str(2_000_000_000 - int(value))
    return value[:-1] + ("0" if value[-1] != "0" else "1")


def alike(answer: HttpResponseBase, text: str, back: Mapping[str, str]) -> tuple[int, str, str]:
    """What can be told of an answer, without what is new each time; a twin's is led `back`."""
    location = answer.headers.get("Location", "")
    return answer.status_code, _plain(location, back), _plain(text, back)


def difference(one: tuple[int, str, str], two: tuple[int, str, str]) -> str:
    if one[:2] != two[:2]:
        return f"{one[:2]} is not {two[:2]}"
    place = next((i for i, (a, b) in enumerate(zip(one[2], two[2], strict=False)) if a != b), -1)
    start = max(0, place - 100)
    return f"…{one[2][start : place + 100]}… is not …{two[2][start : place + 100]}…"


def _plain(text: str, back: Mapping[str, str]) -> str:
    text = text.lower()
    for ghost, value in back.items():
        text = text.replace(ghost, value)
    return _CHANGING.sub("~", text)


def _mapped(node: Any, swap: Callable[[str], str]) -> Any:
    if isinstance(node, dict):
        return {key: _mapped(inner, swap) for key, inner in node.items()}
    if isinstance(node, list):
        return [_mapped(inner, swap) for inner in node]
    return swap(node) if isinstance(node, str) else node
