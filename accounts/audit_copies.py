"""Copies of an Organization's audit log for programs: a period of it, written down as taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from asgiref.sync import async_to_sync
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from access.actor import Actor
from accounts.models import Organization
from accounts.services import keeping
from audit.export import lines
from audit.models import AuditRecord
from audit.queries import between
from web.errors import InvalidInput

MOST_DAYS = 90


def rows(
    organization: Organization,
    *,
    days: int | None = None,
    start: str | None = None,
    end: str | None = None,
    actor: Actor,
) -> QuerySet[AuditRecord]:
    """The last 1 to 90 `days` (90 where nothing is said), or any days from `start` to `end`.

    Raises InvalidInput for another number, for what is no day, and for an end before its start;
    PermissionDenied as the page's export does.
    """
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"From 1 to {MOST_DAYS} days; older ones by --from and --to.")
    if days is not None and (start or end):
        raise InvalidInput("Either the last days or a period, not both.")
    until = _day(end) + timedelta(days=1) if end else timezone.now()
    since = _day(start) if start else until - timedelta(days=days or MOST_DAYS)
    return within(organization, since, until, actor=actor)


def within(
    organization: Organization, since: datetime, until: datetime, *, actor: Actor
) -> QuerySet[AuditRecord]:
    """Rows from `since` on and before `until`; that somebody takes them stands in the log."""
    if since >= until:
        raise InvalidInput("The period ends before it begins.", fields={"startDate": "Too late"})
    asked = f"from={since.isoformat()}&to={until.isoformat()}"
    keeping.export_audit(organization, asked=asked, actor=actor)
    return between(organization.pk, since, until)


def write(found: QuerySet[AuditRecord], take: Callable[[bytes], object]) -> None:
    """Hand all rows to `take`, a thousand at a time."""

    async def copy() -> None:
        async for part in lines(found):
            take(part)

    async_to_sync(copy)()


def _day(text: str) -> datetime:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise InvalidInput(f"{text[:30]} is not a day. Write it as 2026-01-31.")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
