"""What is due to each sink: the rows behind the last seal that it took, in the order of the chain.

A seal's rows are sent again from its beginning where they were not all taken, so each arrives at
least once; `id` tells a receiver what it has already.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import AuditSink
from accounts.sinks import channels
from accounts.sinks.channels import Line
from audit.export import facts_of, line_of
from audit.models import Seal
from web.errors import DomainError

MOST_SEALS = 50
"""In one go; beat comes again."""
_MOST_LINES = 500
_CLAIM = timedelta(minutes=3)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
log = logging.getLogger(__name__)


def due(now: datetime) -> list[str]:
    """Ids of the sinks that may be sent to."""
    return list(_due(now).values_list("pk", flat=True))


def deliver(sink_id: str) -> int:
    """Send a sink what it has not taken yet; answers how many rows. Nothing while another does.

    A failure is kept on the sink in words, and it is tried again: after 30 s, then each time
    twice as long, at most an hour.
    """
    now = timezone.now()
    until = now + _CLAIM
    if not _due(now).filter(pk=sink_id).update(claimed_until=until):
        return 0
    sink = AuditSink.objects.get(pk=sink_id)
    mine = AuditSink.objects.filter(pk=sink_id, claimed_until=until)
    sent = 0
    try:
        for seal in _waiting(sink):
            sent += _send(sink, seal)
            if not mine.update(
                sent_through=seal.number, sent_at=timezone.now(), failures=0, fault="",
                next_try_at=None,
            ):  # fmt: skip
                return sent  # somebody else has it now, or it is gone
    except DomainError as error:
        _note(mine, sink, error.cause)
    except Exception:
        log.exception("An audit log sink failed")
        _note(mine, sink, "The console failed to send. Its log says why.")
    mine.update(claimed_until=None)
    return sent


def waiting(sink: AuditSink) -> int:
    """How many sealed rows it has not taken."""
    ends = Seal.objects.filter(organization_id=sink.organization_id)
    last = ends.order_by("-number").values_list("rows", flat=True).first() or 0
    taken = ends.filter(number__lte=sink.sent_through).order_by("-number")
    first = ends.order_by("number").first()
    before = first.rows - len(first.record_ids) if first else 0
    return last - (taken.values_list("rows", flat=True).first() or before)


def _due(now: datetime) -> QuerySet[AuditSink]:
    is_free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    is_time = Q(next_try_at=None) | Q(next_try_at__lte=now)
    return AuditSink.objects.filter(is_free, is_time, is_on=True, organization__status="ACTIVE")


def _waiting(sink: AuditSink) -> list[Seal]:
    chain = Seal.objects.filter(
        organization_id=sink.organization_id, number__gt=sink.sent_through
    ).order_by("number")
    return list(chain.defer("digests")[:MOST_SEALS])


def _send(sink: AuditSink, seal: Seal) -> int:
    lines = [Line(facts, line_of(facts)) for facts in facts_of(seal.record_ids)]
    for start in range(0, len(lines), _MOST_LINES):
        channels.send(sink, lines[start : start + _MOST_LINES])
    return len(lines)


def _note(mine: QuerySet[AuditSink], sink: AuditSink, cause: str) -> None:
    sink.refresh_from_db(fields=["failures"])
    pause = min(_FIRST_PAUSE * 2 ** min(sink.failures, 10), _LONGEST_PAUSE)
    mine.update(failures=sink.failures + 1, fault=cause[:500], next_try_at=timezone.now() + pause)
