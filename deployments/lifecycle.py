"""Statuses of a Deployment, and the one table of how it moves between them. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

RETENTION = timedelta(days=30)
"""How long a deleted Deployment can be restored."""


class Status(StrEnum):
    CREATING = "CREATING"
    DEPLOYING = "DEPLOYING"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    UNKNOWN = "UNKNOWN"
    HIBERNATING = "HIBERNATING"
    DELETING = "DELETING"
    """Ours; on the wire it is DEPLOYING with a statusReason."""
    DELETED = "DELETED"
    """Ours: gone for everybody, its data retained until it is purged."""


class Trigger(StrEnum):
    # A person's or program's wish
    CHANGE = "change"
    HIBERNATE = "hibernate"
    WAKE = "wake"
    RETRY = "retry"
    DELETE = "delete"
    RESTORE = "restore"
    # What the reconciler saw
    BECAME_HEALTHY = "became_healthy"
    DEGRADED = "degraded"
    FAILED = "failed"
    LOST = "lost"
    DELETED = "deleted"


_S, _T = Status, Trigger
_SETTLING = (_S.CREATING, _S.DEPLOYING)
_AWAKE = (_S.HEALTHY, _S.UNHEALTHY, _S.UNKNOWN)

TRANSITIONS: dict[tuple[Status, Trigger], Status] = {
    **{(status, _T.CHANGE): _S.DEPLOYING for status in (*_AWAKE, _S.DEPLOYING)},
    (_S.HIBERNATING, _T.CHANGE): _S.HIBERNATING,
    **{(status, _T.HIBERNATE): _S.HIBERNATING for status in _AWAKE},
    (_S.HIBERNATING, _T.WAKE): _S.DEPLOYING,
    (_S.UNHEALTHY, _T.RETRY): _S.DEPLOYING,
    (_S.UNKNOWN, _T.RETRY): _S.DEPLOYING,
    **{(status, _T.DELETE): _S.DELETING for status in (*_SETTLING, *_AWAKE, _S.HIBERNATING)},
    (_S.DELETED, _T.RESTORE): _S.HIBERNATING,
    **{(status, _T.BECAME_HEALTHY): _S.HEALTHY for status in (*_SETTLING, *_AWAKE)},
    (_S.HEALTHY, _T.DEGRADED): _S.UNHEALTHY,
    (_S.UNKNOWN, _T.DEGRADED): _S.UNHEALTHY,
    **{
        (status, _T.FAILED): _S.UNHEALTHY
        for status in (*_SETTLING, *_AWAKE, _S.HIBERNATING, _S.DELETING)
    },
    # Losing sight of a Deployment never changes what is wished for it.
    **{(status, _T.LOST): _S.UNKNOWN for status in _AWAKE},
    (_S.DELETING, _T.DELETED): _S.DELETED,
}


class IllegalTransitionError(ValueError):
    """`trigger` means nothing in `status`."""

    def __init__(self, status: Status, trigger: Trigger) -> None:
        super().__init__(f"{trigger} is not possible while {status}")
        self.status = status
        self.trigger = trigger


def after(status: Status, trigger: Trigger) -> Status:
    """The status that `trigger` leads to. Raises IllegalTransitionError."""
    try:
        return TRANSITIONS[status, trigger]
    except KeyError:
        raise IllegalTransitionError(status, trigger) from None


def possible(status: Status) -> frozenset[Trigger]:
    """Every trigger that `status` answers to."""
    return frozenset(trigger for (origin, trigger) in TRANSITIONS if origin is status)
