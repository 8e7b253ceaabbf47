"""`./console operator …`: who runs this installation, for whoever has the machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.actor import Actor, Origin
from access.scopes import Principal, PrincipalKind
from accounts.services import operators
from installation import queries
from web.errors import DomainError

MACHINE = Actor(Principal(PrincipalKind.SYSTEM, "system", "console operator"), Origin(door="cli"))


class Command(BaseCommand):
    help = "List the operators of this installation, or give and take the right."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
        tasks.add_parser("list", help="every operator: e-mail, status, name")
        tasks.add_parser("grant", help="make somebody operator").add_argument("email")
        tasks.add_parser("revoke", help="take the right away").add_argument("email")

    def handle(self, *args: Any, task: str, **options: Any) -> None:
        try:
            if task == "list":
                self._list()
            else:
                self._change(task, options["email"])
        except DomainError as refusal:
            raise CommandError(f"{refusal.cause} {refusal.remedy}".strip()) from None

    def _list(self) -> None:
        for user in queries.operators(MACHINE):
            self.stdout.write(f"{user.email}\t{user.status}\t{user.full_name}")

    def _change(self, task: str, email: str) -> None:
        act = operators.grant_operator if task == "grant" else operators.revoke_operator
        user = act(operators.known(email), actor=MACHINE)
        state = "is an operator now" if user.is_operator else "is no operator any more"
        self.stdout.write(f"{user.email} {state}.")
