"""The visitors' book of each Airflow: pages that people open, and everything that is written."""

from __future__ import annotations

from typing import Any

from access.actor import Origin
from audit.models import AuditRecord, Outcome
from audit.record import drafted
from deployments.gateway.decisions import Decision, Verdict, with_origin

ACTION = "deployments.open_airflow"
Row = dict[str, Any]
"""Columns of AuditRecord; without `at`, which is the moment of writing."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSED = frozenset({Verdict.FORBIDDEN, Verdict.SUSPENDED, Verdict.MISSING})


def is_recorded(method: str, *, is_navigation: bool) -> bool:
    """Not what a page loads by itself: assets and polling would bury the rest."""
    return is_navigation or method not in READS


def write(decision: Decision, *, method: str, path: str, origin: Origin) -> None:
    """One row, with the path but no query: that may hold secrets.

    Where the Deployment is hidden from the actor there is no row: it would stand in the book of
    an Organization that the actor has nothing to do with.
    """
    row = entry(decision, method=method, path=path, origin=origin)
    if row is not None:
        AuditRecord.objects.create(**row)


def entry(decision: Decision, *, method: str, path: str, origin: Origin) -> Row | None:
    """The row that `write` writes, for who keeps it in another way; None where there is none."""
    if decision.actor is None or decision.deployment is None:
        return None
    if decision.verdict is Verdict.SHUT_OUT:
        return None  # `accounts.ip_access` writes it down itself, once an hour
    return drafted(
        with_origin(decision.actor, origin),
        ACTION,
        decision.deployment,
        outcome=Outcome.REFUSED if decision.verdict in _REFUSED else Outcome.DONE,
        after={"method": method, "path": path[:500].replace("\x00", "")},
    )
