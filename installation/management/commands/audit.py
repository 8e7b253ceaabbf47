"""`./console audit …`: is the audit log still what was written, and a copy of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.actor import Actor, Origin
from access.scopes import Principal, PrincipalKind
from accounts import audit_copies
from audit import heads, sealing
from audit.verify import Report, verify
from installation import queries
from web.errors import DomainError

MACHINE = Actor(Principal(PrincipalKind.SYSTEM, "system", "console audit"), Origin(door="cli"))


class Command(BaseCommand):
    help = "Verifies the audit log (rows, seals, published heads), and takes copies of it"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("seal", help="seal and publish now what beat would within 30 s")
        take = what.add_parser("export", help="newline-delimited JSON, oldest first")
        take.add_argument("organization", metavar="ORGANIZATION", help="its id")
        take.add_argument("--days", type=int, metavar="N", help="the last 1 to 90 days")
        take.add_argument("--from", dest="start", metavar="DAY", help="2026-01-31, in UTC")
        take.add_argument("--to", dest="end", metavar="DAY", help="the last day of it")
        take.add_argument("--output", type=Path, metavar="FILE", help="else to standard output")
        one = what.add_parser("verify", help="exits 1 where something was changed")
        one.add_argument("--organization", metavar="ID", help="only its chain")
        one.add_argument("--heads", type=Path, metavar="FILE", help="a copy kept elsewhere")
        one.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "seal":
            rows = sealing.seal_all()
            self.stdout.write(f"{rows} rows sealed, {heads.publish()} heads published.")
            return
        if options["what"] == "export":
            self._export(options)
            return
        file = options["heads"]
        if file is not None and not file.is_file():
            raise CommandError(f"{file} is not there.")
        report = verify(options["organization"], file)
        if options["json"]:
            self.stdout.write(json.dumps(_facts(report), indent=2))
        else:
            self._tell(report)
        if report.findings:
            raise CommandError("The audit log is not what was written.", returncode=1)

    def _export(self, options: dict[str, Any]) -> None:
        try:
            found = queries.organization(MACHINE, options["organization"])
            days, start, end = options["days"], options["start"], options["end"]
            rows = audit_copies.rows(found, days=days, start=start, end=end, actor=MACHINE)
        except DomainError as refusal:
            raise CommandError(f"{refusal.cause} {refusal.remedy}".strip()) from None
        file: Path | None = options["output"]
        if file is None:
            audit_copies.write(rows, lambda part: self.stdout.write(part.decode(), ending=""))
            return
        try:
            with open(file, "xb", opener=_private) as copy:
                audit_copies.write(rows, copy.write)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None

    def _tell(self, report: Report) -> None:
        self.stdout.write(
            f"{report.rows:,} rows in {report.seals:,} seals of {report.chains:,} chains;"
            f" {report.waiting:,} wait for their seal."
        )
        known = report.published
        last = (
            f"the last of {known.last_at}" if known.lines else "so nothing tells of an end cut off"
        )
        self.stdout.write(f"{known.lines:,} lines of published heads, {last}.")
        for text in report.remarks:
            self.stdout.write(f"note: {text}")
        for text in report.findings:
            self.stdout.write(self.style.ERROR(text))
        if not report.findings:
            self.stdout.write("Everything is as it was sealed and published.")


def _facts(report: Report) -> dict[str, Any]:
    return {
        "sound": not report.findings, "rows": report.rows, "seals": report.seals,
        "chains": report.chains, "waiting": report.waiting,
        "publishedLines": report.published.lines, "publishedAt": report.published.last_at,
        "key": heads.fingerprint(), "findings": report.findings, "remarks": report.remarks,
    }  # fmt: skip


def _private(path: str, flags: int) -> int:
    """It holds people's names and addresses: for whoever runs the command alone."""
    return os.open(path, flags, 0o600)
