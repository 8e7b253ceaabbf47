from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from astro_ui import demo


class Command(BaseCommand):
    help = "Fills an Organization with believable data; nothing real runs behind it"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--deployments", type=int, default=40, help="how many (default 40)")

    def handle(self, *args: Any, **options: Any) -> None:
        password = secrets.token_urlsafe(12)
        made = demo.fill(deployments=options["deployments"], password=password)
        self.stdout.write(f"{made.organization} with {made.deployments} Deployments.")
        self.stdout.write(f"Sign in at {settings.BASE_URL} as {made.owner.email} with {password}")
