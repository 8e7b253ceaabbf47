"""`./console user …`: people of this installation, for whoever runs it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.actor import Actor, Origin
from access.scopes import Principal, PrincipalKind
from accounts.models import User
from accounts.services.recovery import reset_link
from web.errors import DomainError

OPERATOR = Actor(Principal(PrincipalKind.SYSTEM, "system", "console user"), Origin(door="cli"))


class Command(BaseCommand):
    help = "List people, or make a password-reset link for somebody who is locked out."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
        tasks.add_parser("list", help="every person: e-mail, status, name")
        reset = tasks.add_parser("reset-link", help="print a link to choose a new password")
        reset.add_argument("email")

    def handle(self, *args: Any, task: str, **options: Any) -> None:
        if task == "list":
            self._list()
        else:
            self._reset_link(options["email"])

    def _list(self) -> None:
        for user in User.objects.order_by("email"):
            mark = " (operator)" if user.is_operator else ""
            self.stdout.write(f"{user.email}\t{user.status}\t{user.full_name}{mark}")

    def _reset_link(self, email: str) -> None:
        try:
            self.stdout.write(reset_link(email, actor=OPERATOR))
        except DomainError as refusal:
            raise CommandError(f"{refusal.cause} {refusal.remedy}") from None
