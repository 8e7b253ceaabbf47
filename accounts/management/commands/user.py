"""`./console user …`: people of this installation, for whoever runs it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.actor import Actor, Origin
from access.scopes import Principal, PrincipalKind
from accounts.models import User
from accounts.services import email_change
from accounts.services.recovery import reset_link
from accounts.services.security import reset_two_factor
from web.errors import DomainError

OPERATOR = Actor(Principal(PrincipalKind.SYSTEM, "system", "console user"), Origin(door="cli"))


class Command(BaseCommand):
    help = "List people, or help somebody who is locked out: a new password, no second factor."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
        tasks.add_parser("list", help="every person: e-mail, status, name")
        reset = tasks.add_parser("reset-link", help="print a link to choose a new password")
        reset.add_argument("email")
        factor = tasks.add_parser(
            "reset-2fa",
            help="take two-factor sign-in off somebody who lost it; ends their sessions",
        )
        factor.add_argument("email")
        change = tasks.add_parser(
            "email-link", help="print a link by which somebody confirms a new e-mail address"
        )
        change.add_argument("email", help="the present one")
        change.add_argument("new")

    def handle(self, *args: Any, task: str, **options: Any) -> None:
        if task == "list":
            self._list()
            return
        try:
            self.stdout.write(_TASKS[task](options))
        except DomainError as refusal:
            raise CommandError(f"{refusal.cause} {refusal.remedy}".strip()) from None

    def _list(self) -> None:
        for user in User.objects.order_by("email"):
            mark = " (operator)" if user.is_operator else ""
            self.stdout.write(f"{user.email}\t{user.status}\t{user.full_name}{mark}")


def _reset_link(options: dict[str, Any]) -> str:
    return reset_link(options["email"], actor=OPERATOR)


def _email_link(options: dict[str, Any]) -> str:
    return email_change.link_for(options["email"], options["new"], actor=OPERATOR)


def _reset_two_factor(options: dict[str, Any]) -> str:
    email = options["email"]
    count = reset_two_factor(email, actor=OPERATOR)
    return (
        f"{count} method{'' if count == 1 else 's'} removed, and every session ended. "
        f"{email} signs in with the password alone now: ask them to set it up again."
    )


_TASKS = {"reset-link": _reset_link, "reset-2fa": _reset_two_factor, "email-link": _email_link}
