"""Whom the door let in last, for the time in which the database cannot be asked."""

from __future__ import annotations

from django.conf import settings

from deployments.gateway.decisions import Asked, Decision, Verdict, is_there

_MOST = 5_000


class Grace:
    """Who was allowed goes on for at most `settings.AIRFLOW_GRACE_SECONDS`, then nobody does.

    A signal that an answer may be wrong ends it at once. What it goes on with is the identity that
    was signed then and ends a minute later, so Airflow itself refuses what is older. What must be
    written down (pages that are opened, writes) is refused all the while.
    """

    def __init__(self) -> None:
        self._last: dict[Asked, tuple[float, Decision]] = {}

    def keep(self, asked: Asked, asked_at: float, decision: Decision) -> None:
        """Whoever is refused by a later answer has nothing to go on by."""
        if decision.verdict is not Verdict.ALLOWED:
            self._last.pop(asked, None)
            return
        self._last[asked] = (asked_at, decision)
        if len(self._last) > _MOST:
            del self._last[next(iter(self._last))]

    def of(self, asked: Asked, now: float) -> Decision | None:
        """The last answer while it counts: Airflow must still be the one that listens there."""
        asked_at, decision = self._last.get(asked, (0.0, None))
        if decision is None or now - asked_at > settings.AIRFLOW_GRACE_SECONDS:
            return None
        known = decision.deployment
        return decision if known is None or is_there(known) else None

    def drop(self, *, principal_id: str = "", deployment_id: str = "") -> None:
        """Forget what concerns somebody or something; without either, everything."""
        meant = {principal_id, deployment_id} - {""}
        self._last = {
            asked: (at, seen)
            for asked, (at, seen) in self._last.items()
            if meant and not meant & {seen.principal_id, seen.deployment_id}
        }
