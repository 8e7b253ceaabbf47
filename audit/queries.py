"""What can be asked about the visitors' book. Who may ask is decided by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date

from audit.models import AuditRecord, Outcome
from web.lists import Chip, ListQuery, ListSpec, M

_SHOWN_LENGTH = 300
_FIRST_YEAR, _LAST_YEAR = 2000, 2999


def of_organization(organization_id: str) -> QuerySet[AuditRecord]:
    """All rows of an Organization and of everything in it."""
    return AuditRecord.objects.filter(organization_id=organization_id)


def between(organization_id: str, start: datetime, end: datetime) -> QuerySet[AuditRecord]:
    """Its rows from `start` on and before `end`."""
    return of_organization(organization_id).filter(at__gte=start, at__lt=end)


def addresses_used(organization_id: str, since: datetime) -> list[tuple[str, str, str]]:
    """Kind and id of everybody who did something since then, with each address they did it from.

    Answered from an index alone, once the rows in it were vacuumed.
    """
    rows = of_organization(organization_id).filter(
        at__gte=since, outcome=Outcome.DONE, actor_kind__in=("USER", "API_TOKEN")
    )
    pairs = rows.order_by().values_list("actor_kind", "actor_id", "source_ip").distinct()
    return [each for each in pairs if each[2]]


class TimedQuery(ListQuery):
    """A list of moments: `from` and `to` in the address are days in UTC, both included."""

    def __init__(self, request: HttpRequest, spec: ListSpec, *, field: str = "at") -> None:
        super().__init__(request, spec)
        self._field = field
        self.start = _day(request.GET.get("from", ""))
        self.end = _day(request.GET.get("to", ""))

    def narrow(self, rows: QuerySet[M]) -> QuerySet[M]:
        found = super().narrow(rows)
        if self.start:
            found = found.filter(**{f"{self._field}__gte": self.start})
        if self.end:
            found = found.filter(**{f"{self._field}__lt": self.end + timedelta(days=1)})
        return found

    @property
    def is_narrowed(self) -> bool:
        return super().is_narrowed or bool(self.start or self.end)

    @property
    def narrowing(self) -> str:
        """The part of the address that says which rows, without their order."""
        return self.url(sort="").partition("?")[2]

    def url(self, **changes: Any) -> str:
        days = {"from": _written(self.start), "to": _written(self.end)}
        return super().url(**(days | changes))

    @property
    def clear_url(self) -> str:
        return self.url(q="", **{"from": "", "to": ""}, **dict.fromkeys(self.chosen, ""))

    @property
    def chips(self) -> list[Chip]:
        days = (("From", "from", self.start), ("To", "to", self.end))
        return super().chips + [
            Chip(label, _written(day), self.url(**{name: ""})) for label, name, day in days if day
        ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as a page shows it."""

    row: AuditRecord
    verb: str
    differences: tuple[Difference, ...]


def shown(row: AuditRecord) -> Entry:
    """A row with its fields set beside each other."""
    names = sorted({*row.before, *row.after})
    differences = (Difference(n, _text(row.before, n), _text(row.after, n)) for n in names)
    verb = row.action.split(".")[-1].replace("_", " ")
    return Entry(row, verb, tuple(each for each in differences if each.before or each.after))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    return "" if value in ("", None, [], {}) else str(value)[:_SHOWN_LENGTH]


def _day(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _written(day: datetime | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""
