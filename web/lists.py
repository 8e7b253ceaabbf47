"""What a list page knows from its address: search, filters, sort, place; and the links back.

    LIST = ListSpec(
        sorts={"name": "name", "created": "created_at"},
        default_sort="name",
        search_fields=("name", "namespace"),
        filters=(Filter("status", "Status", choices={"HEALTHY": "Healthy", …}),),
    )
    query = ListQuery(request, LIST)
    page = query.page(Deployment.objects.visible_to(actor, …))

Templates read `query` (c-filters, c-chips, c-th) and `page` (rows, c-pagination).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from web.pagination import Keyset, Page, cut

_LONGEST_SEARCH = 200

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a list: its name in the address, the field it compares, its choices."""

    name: str
    label: str
    choices: Mapping[str, str]
    field: str = ""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What a list can be sorted, searched and filtered by; `-` before a sort turns it round."""

    sorts: Mapping[str, str]
    default_sort: str
    search_fields: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = field(default=())
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, with the address of the list without it."""

    label: str
    value: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class Select:
    """A filter as a select: value, label and whether it is chosen, for each choice."""

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Sorting:
    """What a sortable header says and where it leads."""

    url: str
    aria: str
    is_active: bool


class ListQuery:
    """The list that one address describes. Words it does not know are ignored, never an error."""

    def __init__(self, request: HttpRequest, spec: ListSpec) -> None:
        self.path = request.path
        self.spec = spec
        self._given = request.GET
        self.search = request.GET.get("q", "").replace("\x00", "").strip()[:_LONGEST_SEARCH]

    @cached_property
    def sort(self) -> str:
        """The sort in force, with `-` when it runs downwards."""
        asked = self._given.get("sort", "")
        return asked if asked.removeprefix("-") in self.spec.sorts else self.spec.default_sort

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """The known filter values of the address, by filter name."""
        found = {
            each.name: [value for value in self._given.getlist(each.name) if value in each.choices]
            for each in self.spec.filters
        }
        return {name: values for name, values in found.items() if values}

    @property
    def is_narrowed(self) -> bool:
        """Whether an empty list means "nothing matches" and not "nothing there"."""
        return bool(self.search or self.chosen)

    def narrow(self, rows: QuerySet[M]) -> QuerySet[M]:
        """Apply filters, and the search: every word must be in one of the search fields."""
        for each in self.spec.filters:
            if each.name in self.chosen:
                rows = rows.filter(**{f"{each.field or each.name}__in": self.chosen[each.name]})
        words = self.search.split()
        if not words or not self.spec.search_fields:
            return rows
        return rows.filter(reduce(and_, (self._holds(word) for word in words)))

    def _holds(self, word: str) -> Q:
        return reduce(or_, (Q(**{f"{name}__icontains": word}) for name in self.spec.search_fields))

    def page(self, rows: QuerySet[M]) -> Page[M]:
        """Cut the narrowed rows to the page that the address asks for."""
        name = self.sort.removeprefix("-")
        keyset = Keyset(field=self.spec.sorts[name], is_descending=self.sort.startswith("-"))
        return cut(
            self.narrow(rows),
            keyset,
            size=self.spec.page_size,
            after=self._given.get("after", ""),
            before=self._given.get("before", ""),
            link=lambda place, cursor: self.url(**{place: cursor}),
        )

    def url(self, **changes: Any) -> str:
        """The address of this list with some parameters changed; an empty value removes one.

        Changing anything leads back to the first page.
        """
        state: dict[str, Any] = {"q": self.search, **self.chosen, "sort": self._sort_in_url()}
        state = {name: value for name, value in (state | changes).items() if value}
        return f"{self.path}?{urlencode(state, doseq=True)}" if state else self.path

    def _sort_in_url(self) -> str:
        return "" if self.sort == self.spec.default_sort else self.sort

    @property
    def clear_url(self) -> str:
        """The list without search and filters, in the same order."""
        return self.url(q="", **dict.fromkeys(self.chosen, ""))

    @property
    def chips(self) -> list[Chip]:
        """The active filters, one by one."""
        return [
            Chip(each.label, each.choices[value], self._without(each.name, value))
            for each in self.spec.filters
            for value in self.chosen.get(each.name, ())
        ]

    def _without(self, name: str, value: str) -> str:
        return self.url(**{name: [other for other in self.chosen[name] if other != value]})

    @property
    def selects(self) -> list[Select]:
        """The filters as selects of the filter form."""
        return [Select(each.name, each.label, self._options(each)) for each in self.spec.filters]

    def _options(self, each: Filter) -> tuple[tuple[str, str, bool], ...]:
        chosen = self.chosen.get(each.name, [])
        return tuple((value, label, value in chosen) for value, label in each.choices.items())

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """What the filter form carries along without showing it."""
        return [("sort", self._sort_in_url())] if self._sort_in_url() else []

    def sorting(self, name: str) -> Sorting:
        """The header of a sort: the first click sorts upwards, the next turns it round."""
        is_active = self.sort.removeprefix("-") == name
        is_up = is_active and not self.sort.startswith("-")
        wanted = f"-{name}" if is_up else name
        aria = "none" if not is_active else "ascending" if is_up else "descending"
        place = "" if wanted == self.spec.default_sort else wanted
        return Sorting(url=self.url(sort=place), aria=aria, is_active=is_active)
