from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.services import setup

# What django-htmx ships beside the minified htmx 2; its sources import files that it lacks.
_UNUSED = ["*-4.js", "*-4.min.js", "hx-*-2.js", "htmx-2.js"]


class Command(BaseCommand):
    help = "Brings database and static files up to date; prints the set-up link while one is needed"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=_UNUSED)
        if setup.is_needed():
            self.stdout.write(setup.setup_link())
