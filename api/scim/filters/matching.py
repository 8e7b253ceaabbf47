"""A filter asked of one value in hand: what a PATCH path selects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.scim.errors import InvalidPath
from api.scim.filters.tree import Comparison, Joined, Node, Not
from api.scim.schema import Attribute

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda found, wanted: found == wanted,
    "co": lambda found, wanted: wanted in found,
    "sw": lambda found, wanted: found.startswith(wanted),
    "ew": lambda found, wanted: found.endswith(wanted),
    "gt": lambda found, wanted: found > wanted,
    "ge": lambda found, wanted: found >= wanted,
    "lt": lambda found, wanted: found < wanted,
    "le": lambda found, wanted: found <= wanted,
}


def fits(attribute: Attribute, node: Node, value: Mapping[str, Any]) -> bool:
    """Whether one value of a list fits. Raises InvalidPath for parts that it cannot have."""
    if isinstance(node, Joined):
        answers = [fits(attribute, each, value) for each in node.parts]
        return all(answers) if node.word == "and" else any(answers)
    if isinstance(node, Not):
        return not fits(attribute, node.inner, value)
    part = attribute.sub(node.path)
    if part is None or not isinstance(node, Comparison):
        raise InvalidPath(
            f"{attribute.name} has no {node.path[:60]}.", remedy="See its schema for its parts."
        )
    return _holds(part, node, value.get(part.name))


def named(attribute: Attribute, node: Node) -> dict[str, Any]:
    """What a value must hold to fit: the `eq` comparisons that are joined by `and`."""
    if isinstance(node, Joined) and node.word == "and":
        return {k: v for each in node.parts for k, v in named(attribute, each).items()}
    if isinstance(node, Comparison) and node.operator == "eq":
        part = attribute.sub(node.path)
        return {part.name: node.value} if part and node.value is not None else {}
    return {}


def _holds(part: Attribute, node: Comparison, found: Any) -> bool:
    if node.operator == "pr":
        return found is not None
    if node.operator == "ne":
        return not _holds(part, Comparison(node.path, "eq", node.value), found)
    wanted = _plain(part, node.value)
    if found is None or wanted is None:
        return node.operator == "eq" and found is wanted
    found = _plain(part, found)
    if type(found) is not type(wanted) or (isinstance(found, bool) and node.operator != "eq"):
        return False
    return _COMPARED[node.operator](found, wanted)


def _plain(part: Attribute, value: Any) -> Any:
    """Comparable: a boolean also where it is a word, a text in small letters where case is none."""
    if part.type == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value)
    if isinstance(value, str) and not part.is_case_exact:
        return value.lower()
    return value
