"""`./console signup …`: who may make an account without an invitation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.actor import Actor, Origin
from access.scopes import Principal, PrincipalKind
from accounts.models import Installation
from accounts.services import sign_up
from web.errors import DomainError

MACHINE = Actor(Principal(PrincipalKind.SYSTEM, "system", "console signup"), Origin(door="cli"))


class Command(BaseCommand):
    help = "Show or set the sign-up policy."

    def add_arguments(self, parser: CommandParser) -> None:
        policies = [each.value.lower() for each in Installation.SignUp]
        parser.add_argument("policy", nargs="?", choices=policies, help="leave it out to read it")
        parser.add_argument("--domain", action="append", default=[], help="for `domains`, repeated")

    def handle(self, *args: Any, policy: str | None, domain: list[str], **options: Any) -> None:
        installation = Installation.current()
        if policy:
            try:
                sign_up.set_sign_up(
                    installation, policy=policy.upper(), domains=domain, actor=MACHINE
                )
            except DomainError as refusal:
                raise CommandError(f"{refusal.cause} {refusal.remedy}".strip()) from None
            installation.refresh_from_db()
        listed = ", ".join(installation.sign_up_domains)
        self.stdout.write(f"{installation.sign_up.lower()}\t{listed}".strip())
