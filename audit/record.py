"""Writing the visitors' book."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

from django.db import connection

from audit.models import AuditRecord, Outcome
from web.prepared import insert

MASK = "••••••"


@dataclass(frozen=True)
class AuditPlace:
    """Where an object belongs, so that each tenant and each Deployment finds its own rows."""

    organization_id: str = ""
    workspace_id: str = ""
    deployment_id: str = ""


@runtime_checkable
class Auditable(Protocol):
    """What a model needs so that actions on it can be recorded."""

    @property
    def audited_fields(self) -> tuple[str, ...]: ...
    @property
    def secret_fields(self) -> tuple[str, ...]: ...

    def audit_place(self) -> AuditPlace: ...


class _Principal(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...


class _Origin(Protocol):
    @property
    def door(self) -> str: ...
    @property
    def source_ip(self) -> str: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def request_id(self) -> str: ...


class Author(Protocol):
    """The part of an actor that the book needs; `access` lies above this room."""

    @property
    def principal(self) -> _Principal: ...
    @property
    def origin(self) -> _Origin: ...


def snapshot(target: object) -> dict[str, Any]:
    """The audited fields of an object as JSON; a secret shows only whether it is set."""
    if not isinstance(target, Auditable):
        return {}
    shown = {name: _plain(getattr(target, name)) for name in target.audited_fields}
    masked = {name: MASK if getattr(target, name) else "" for name in target.secret_fields}
    return shown | masked


def record(
    author: Author,
    action: str,
    target: Auditable,
    *,
    outcome: Outcome = Outcome.DONE,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    place: AuditPlace | None = None,
) -> AuditRecord:
    """Write one row. Where before and after agree on a field, neither mentions it.

    It stands where the target belongs, or in `place`: a second row for another reader.
    """
    row = drafted(author, action, target, outcome=outcome, before=before, after=after, place=place)
    return insert(AuditRecord(**row))


def record_refusal(author: Author, action: str, target: Auditable) -> None:
    """Write one row that stays, also where the transaction around it is undone for the refusal.

    Inside a transaction it is committed at once on another connection. Raises as `record` does.
    """
    row = drafted(author, action, target, outcome=Outcome.REFUSED)
    if _is_in_transaction():
        with ThreadPoolExecutor(1) as apart:
            apart.submit(_write_and_hang_up, row).result()
    else:
        AuditRecord.objects.create(**row)


def _write_and_hang_up(row: Mapping[str, Any]) -> None:
    """In a thread of its own, which has a connection of its own."""
    try:
        AuditRecord.objects.create(**row)
    finally:
        connection.close()


def _is_in_transaction() -> bool:
    """The one that Django lays around a test does not count, as for `atomic(durable=True)`."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def drafted(
    author: Author,
    action: str,
    target: Auditable,
    *,
    outcome: Outcome = Outcome.DONE,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    place: AuditPlace | None = None,
) -> dict[str, Any]:
    """The row of `record` by its columns, not yet written and without its time."""
    old, new = dict(before or {}), dict(after or {})
    same = {name for name in old if name in new and old[name] == new[name]}
    place = place or target.audit_place()
    return {
        "organization_id": place.organization_id,
        "workspace_id": place.workspace_id,
        "deployment_id": place.deployment_id,
        "actor_kind": author.principal.kind,
        "actor_id": author.principal.id,
        "actor_label": author.principal.label[:320],
        "action": action,
        "target_type": type(target).__name__,
        "target_id": str(getattr(target, "pk", "")),
        "target_label": str(target)[:500],
        "outcome": outcome,
        "before": {name: value for name, value in old.items() if name not in same},
        "after": {name: value for name, value in new.items() if name not in same},
        "door": author.origin.door,
        "source_ip": author.origin.source_ip[:45],
        "user_agent": author.origin.user_agent[:300],
        "request_id": author.origin.request_id[:40],
    }


def _plain(value: object) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, (str, int, float, bool, list, dict)) or value is None:
        return value
    return str(value)
