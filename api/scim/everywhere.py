"""A search over all resource types at once (RFC 7644, sections 3.4.2.1 and 3.4.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from api.scim import paging
from api.scim.calls import Answer, Call
from api.scim.errors import InvalidCursor, InvalidFilter
from api.scim.groups import GROUPS
from api.scim.users import USERS

_KINDS: tuple[Callable[[Call], Answer], ...] = (USERS.search, GROUPS.search)


def search(call: Call) -> Answer:
    """First the users that fit, then the groups, each in the order that is asked for.

    A type that has not the attributes of the filter has nothing that fits; raises InvalidFilter
    where none has them, InvalidCursor for a cursor: these pages go by index.
    """
    if "cursor" in call.query:
        raise InvalidCursor("Over all types pages go by index.", remedy="Ask /Users or /Groups.")
    start, count = paging.window(call.query)
    skipped, total = start - 1, 0
    found: list[Any] = []
    faults: list[InvalidFilter] = []
    for kind in _KINDS:
        wanted = {"startIndex": str(max(1, skipped + 1)), "count": str(count - len(found))}
        try:
            said = kind(replace(call, query={**call.query, **wanted})).body
        except InvalidFilter as fault:
            faults.append(fault)
            continue
        found += said["Resources"]
        total += said["totalResults"]
        skipped = max(0, skipped - said["totalResults"])
    if len(faults) == len(_KINDS):
        raise faults[0]
    return Answer(200, _listed(found, total, start))


def _listed(found: list[Any], total: int, start: int) -> dict[str, Any]:
    return paging.Page(found, total, start).listed(found)
