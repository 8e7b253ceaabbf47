"""`./console organization …`: the tenants of this installation, for whoever has the machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.actor import Actor, Origin
from access.scopes import Principal, PrincipalKind
from accounts.models import Installation
from accounts.services import tenants
from installation import queries
from web.errors import DomainError

MACHINE = Actor(
    Principal(PrincipalKind.SYSTEM, "system", "console organization"), Origin(door="cli")
)


class Command(BaseCommand):
    help = "List, create, suspend and resume Organizations."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
        tasks.add_parser("list", help="every Organization: id, status, members, Deployments, name")
        create = tasks.add_parser("create", help="make one; prints its id, and the Owner's link")
        create.add_argument("name")
        create.add_argument("--owner", required=True, metavar="EMAIL")
        suspend = tasks.add_parser("suspend", help="shut one; its Deployments hibernate")
        suspend.add_argument("id")
        suspend.add_argument("--reason", required=True, help="what its people read")
        suspend.add_argument("--contact", default="", help="whom they are told to ask")
        tasks.add_parser("resume", help="undo a suspension").add_argument("id")

    def handle(self, *args: Any, task: str, **options: Any) -> None:
        try:
            getattr(self, f"_{task}")(options)
        except DomainError as refusal:
            raise CommandError(f"{refusal.cause} {refusal.remedy}".strip()) from None

    def _list(self, options: dict[str, Any]) -> None:
        for each in queries.organizations(MACHINE):
            counts = f"{each.member_count}\t{each.deployment_count}"  # type: ignore[attr-defined]
            self.stdout.write(f"{each.pk}\t{each.status}\t{counts}\t{each.name}")

    def _create(self, options: dict[str, Any]) -> None:
        made = tenants.create_organization(
            Installation.current(),
            name=options["name"],
            owner_email=options["owner"],
            actor=MACHINE,
        )
        self.stdout.write(made.pk)
        if made.owner_link:
            self.stdout.write(made.owner_link)

    def _suspend(self, options: dict[str, Any]) -> None:
        found = queries.organization(MACHINE, options["id"])
        tenants.suspend(found, reason=options["reason"], contact=options["contact"], actor=MACHINE)
        self.stdout.write(f"{found} is suspended; its Deployments hibernate.")

    def _resume(self, options: dict[str, Any]) -> None:
        found = tenants.resume(queries.organization(MACHINE, options["id"]), actor=MACHINE)
        self.stdout.write(f"{found} is active again.")
