"""`./console audit verify`: is the audit log still what was written?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import heads, sealing
from audit.verify import Report, verify


class Command(BaseCommand):
    help = "Verifies the audit log: rows against seals, seals against published heads"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("seal", help="seal and publish now what beat would within 30 s")
        one = what.add_parser("verify", help="exits 1 where something was changed")
        one.add_argument("--organization", metavar="ID", help="only its chain")
        one.add_argument("--heads", type=Path, metavar="FILE", help="a copy kept elsewhere")
        one.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "seal":
            rows = sealing.seal_all()
            self.stdout.write(f"{rows} rows sealed, {heads.publish()} heads published.")
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
