"""Questions that every request asks: their text is worked out once, only the values change.

To put a query together costs the ORM several times what PostgreSQL takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from django.db import connections
from django.db.models import Model, QuerySet, Value
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)
_MARK = "\x01value\x01"
"""Stands in the worked-out text where the value belongs."""


class Prepared(Generic[M]):
    """A query of rows of one model by one value, mostly an id.

    `make` is called once, with an expression in the place of the value, and may only compare
    with it. What is read is the same as from its QuerySet: related rows and all.
    """

    def __init__(self, make: Callable[[Value], QuerySet[M]]) -> None:
        self._make = make

    def first(self, value: str | int) -> M | None:
        """The first row of the answer."""
        return next(iter(self._rows(value)), None)

    def _rows(self, value: str | int) -> ModelIterable[M]:
        text, marked = self._text
        bound = tuple(value if each == _MARK else each for each in marked)
        compiler = copy(self._compiler)
        compiler.connection = connections[compiler.using]
        compiler.as_sql = lambda *_, **__: (text, bound)
        asked = SimpleNamespace(
            query=SimpleNamespace(get_compiler=lambda **_: compiler),
            db=compiler.using,
            model=compiler.query.model,
            _known_related_objects={},
        )
        return ModelIterable(cast("Any", asked))

    @cached_property
    def _compiler(self) -> Any:
        rows = self._make(Value(_MARK))
        return rows.query.get_compiler(using=rows.db)

    @cached_property
    def _text(self) -> tuple[str, tuple[Any, ...]]:
        text, values = self._compiler.as_sql()
        return text, tuple(values)
