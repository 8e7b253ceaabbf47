"""The contract's frozen dataclasses as JSON, and back.

Fields that the reader does not know are ignored and fields that are missing take their default,
so that a console and an agent of neighbouring versions understand each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Turn a value of the contract into what `json.dumps` accepts."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: encode(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], value: Any) -> T:
    """Build `kind` from what `encode` made; raises TypeError or ValueError when it cannot."""
    return cast("T", _decode(kind, value))


def _decode(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return None if value is None else _decode(_without_none(kind), value)
    if origin is tuple:
        return tuple(_decode(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        return _decode_dataclass(cast("type", kind), value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Enum | Path):
        return kind(value)
    return value


def _decode_dataclass(kind: type, value: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind)
    known = {name: item for name, item in value.items() if name in hints}
    return kind(**{name: _decode(hints[name], item) for name, item in known.items()})


def _without_none(kind: Any) -> Any:
    return next(each for each in get_args(kind) if each is not type(None))
