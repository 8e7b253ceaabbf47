"""Is the book still as it was sealed and published? `./console audit verify`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from audit import checkpoints, lines, published
from audit.chain import BEGINNING, Chain, Link
from audit.lines import Line
from audit.published import Published
from audit.sealing import hold_still

_AT_ONCE = 5000
_SEALS = 100
_SHOWN = 20
"""Of rows without a seal."""

_STRANGERS = """
    SELECT r.id FROM audit_auditrecord r
    LEFT JOIN (SELECT unnest(record_ids) AS id FROM audit_seal) s ON s.id = r.id
    LEFT JOIN audit_unsealed u ON u.record_id = r.id
    WHERE s.id IS NULL AND u.record_id IS NULL ORDER BY r.id LIMIT %s
"""


@dataclass
class Report:
    """What was found; sound where `findings` is empty."""

    published: Published
    rows: int = 0
    seals: int = 0
    chains: int = 0
    waiting: int = 0
    findings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """Odd, and possible without anybody's fault."""


def verify(organization_id: str | None = None, heads: Path | None = None) -> Report:
    """Read all rows and seals once and say where they are not as they were sealed.

    Finds rows that were edited, removed, moved or put in, and a chain that was cut off or made
    anew after it was published. Memory does not grow with the book. Nothing is sealed meanwhile;
    who writes does not wait. `organization_id` limits it to one chain.
    """
    known = published.read(heads or settings.AUDIT_HEADS)
    report = Report(known, findings=list(known.faults))
    report.remarks += [f"Line {line} of the published heads was cut off." for line in known.torn]
    with transaction.atomic():
        hold_still()
        bases, faults = checkpoints.read(organization_id)
        report.findings += faults
        names = {*known.chains, *bases} if organization_id is None else {organization_id}
        chains = {
            name: Chain(name, known.chains.get(name, {}), bases.get(name, BEGINNING))
            for name in names
        }
        for some in _together(_links(organization_id)):
            there = _rows(some)
            for link in some:
                name = link.organization_id
                chain = chains.get(name) or chains.setdefault(name, Chain(name, {}))
                chain.see(link, there)
        for _, chain in sorted(chains.items()):
            chain.end()
            _add(chain, report)
        if organization_id is None:
            _find_strangers(report)
    return report


def _links(organization_id: str | None) -> Iterator[Link]:
    """All chains' seals side by side, as they were made: so each page of rows is read once."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT organization_id, number, rows, record_ids, digests, sealed_at, head"
            " FROM audit_seal WHERE %s IS NULL OR organization_id = %s ORDER BY id",
            [organization_id, organization_id],
        )
        while found := cursor.fetchmany(_SEALS):
            for name, number, rows, record_ids, digests, sealed_at, head in found:
                yield Link(name, number, rows, record_ids, bytes(digests), sealed_at, bytes(head))


def _together(links: Iterator[Link]) -> Iterator[list[Link]]:
    """Seals in groups whose rows are read by one question."""
    group: list[Link] = []
    rows = 0
    for link in links:
        group.append(link)
        rows += len(link.record_ids)
        if rows >= _AT_ONCE:
            yield group
            group, rows = [], 0
    if group:
        yield group


def _rows(links: list[Link]) -> dict[int, Line]:
    ids = [record_id for link in links for record_id in link.record_ids]
    return {line.record_id: line for line in lines.read(ids)}


def _add(chain: Chain, report: Report) -> None:
    report.chains += 1
    report.rows += chain.rows
    report.seals += chain.seals
    name = chain.organization_id
    place = f"Organization {name}" if name else "No Organization"
    report.findings += chain.findings.told(place)
    report.remarks += chain.remarks.told(place)


def _find_strangers(report: Report) -> None:
    """Rows that no seal covers although none is due: who put them in avoided the console."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM audit_auditrecord), (SELECT count(*) FROM audit_unsealed)"
        )
        rows, report.waiting = cursor.fetchone()
        if rows - report.waiting == report.rows:
            return
        cursor.execute(_STRANGERS, [_SHOWN])
        for (record_id,) in cursor.fetchall():
            report.findings.append(f"Row {record_id} has no seal and does not wait for one.")
