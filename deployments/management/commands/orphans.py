"""`./console orphans`: what clusters keep and nobody owns; removes it on the operator's word."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.actor import system
from deployments import orphans
from deployments.provisioners.base import ProvisionerError
from web.errors import DomainError


class Command(BaseCommand):
    help = "Lists what clusters keep of Deployments that this console does not own"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", metavar="ID", help="remove it with all its data, for ever")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self._remove(options["remove"])
            return
        found = orphans.look()
        rows = [
            {"deploymentId": each.pk, "cluster": each.cluster.name, "is": each.verdict.value,
             "remedy": each.remedy}
            for each in found
        ]  # fmt: skip
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            self.stdout.write(f"{row['deploymentId']} on {row['cluster']}: {row['is']}.")
            self.stdout.write(f"  {row['remedy']}")
        for stray in orphans.strays():
            self.stdout.write(f"ended at {stray.found_at:%H:%M:%S}: {stray.pid} {stray.command}")
        if not found:
            self.stdout.write("Everything that the clusters keep is owned.")

    def _remove(self, deployment_id: str) -> None:
        try:
            removed = orphans.remove(deployment_id, actor=system("operator"))
        except DomainError as refusal:
            raise CommandError(f"{refusal.cause} {refusal.remedy}".strip()) from None
        except ProvisionerError as error:
            raise CommandError(f"{error.cause} {error.remedy}".strip()) from None
        self.stdout.write(f"{removed} is gone.")
