"""`./console ip-access …`: the way in for whoever has the machine, where a list lets nobody in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.actor import Actor, Origin
from access.scopes import Principal, PrincipalKind
from accounts.ip_ranges import written
from accounts.services.ip_access import clear_ip_access
from installation import queries
from web.errors import DomainError

MACHINE = Actor(Principal(PrincipalKind.SYSTEM, "system", "console ip-access"), Origin(door="cli"))


class Command(BaseCommand):
    help = "Show or clear the list of networks from which an Organization may be used."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
        tasks.add_parser("show", help="whether it counts, and its networks").add_argument("id")
        clear = tasks.add_parser("clear", help="admit everybody at once; the audit log keeps it")
        clear.add_argument("id", help="of the Organization: ./console organization list")

    def handle(self, *args: Any, task: str, **options: Any) -> None:
        try:
            getattr(self, f"_{task}")(options["id"])
        except DomainError as refusal:
            raise CommandError(f"{refusal.cause} {refusal.remedy}".strip()) from None

    def _show(self, organization_id: str) -> None:
        found = queries.organization(MACHINE, organization_id)
        counts = "admits these networks only" if found.restricts_ip else "admits everybody"
        self.stdout.write(f"{found} {counts}.")
        if found.ip_ranges:
            self.stdout.write(written(found))

    def _clear(self, organization_id: str) -> None:
        found = clear_ip_access(queries.organization(MACHINE, organization_id), actor=MACHINE)
        self.stdout.write(f"{found} admits everybody now. The list stands in its audit log.")
