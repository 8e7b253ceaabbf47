"""`./console bootstrap`: the first minute without a browser, for scripts."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from access.actor import Origin
from accounts.models import ApiToken
from web.errors import Conflict, DomainError
from workspaces.models import Workspace
from workspaces.services.set_up import bootstrap

_NO_DATABASE = (
    "The console's database does not answer, so nothing was set up. "
    "Start the console in another terminal with ./console up, or name a server that runs in "
    "DATABASE_URL, then call this again."
)
_SET_UP_BEFORE = (
    "This console is already set up, and the token of that moment is not shown twice. "
    "Use that token, or let the first person sign in: ./console user list, then "
    "./console user reset-link EMAIL"
)
_OPTIONS = {"full_name": "name", "organization_name": "organization", "name": "workspace"}
"""Fields of the services, as the command calls them."""


class Command(BaseCommand):
    help = "Makes the first person, Organization and Workspace, and prints a token once"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="of the first person, the operator")
        parser.add_argument("--organization", required=True, help="its name")
        parser.add_argument("--workspace", default="Data", help="name of the first (Data)")
        parser.add_argument("--name", default="", help="the person's full name")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        workspace, token = self._set_up(options)
        made = {
            "url": settings.BASE_URL,
            "organizationId": workspace.organization_id,
            "workspaceId": workspace.pk,
            "userId": workspace.created_by_id,
            "token": token.value,
        }
        if options["json"]:
            self.stdout.write(json.dumps(made))
            return
        for name, value in made.items():
            self.stdout.write(f"{name}: {value}")
        self.stdout.write("The token is not shown again. It may do everything: keep it well.")
        self.stdout.write(f"To sign in: ./console user reset-link {options['email']}")

    def _set_up(self, options: dict[str, Any]) -> tuple[Workspace, ApiToken]:
        try:
            call_command("migrate", interactive=False, verbosity=0)
            return bootstrap(
                full_name=options["name"],
                email=options["email"],
                organization_name=options["organization"],
                workspace_name=options["workspace"],
                origin=Origin(door="cli"),
            )
        except Conflict:
            raise CommandError(_SET_UP_BEFORE) from None
        except DomainError as refusal:
            at = "".join(f"--{_OPTIONS.get(name, name)}: " for name in refusal.fields)
            raise CommandError(f"{at}{refusal.cause} {refusal.remedy}".strip()) from None
        except DatabaseError:
            raise CommandError(_NO_DATABASE) from None
