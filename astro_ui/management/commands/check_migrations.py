from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


class Command(BaseCommand):
    """As `makemigrations --check`, which waits for a database that a checkout does not have."""

    help = "Exits 1 where a model has changed without a migration; needs no database"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        loader = MigrationLoader(None)
        if conflicts := loader.detect_conflicts():
            raise CommandError(f"migrations side by side: {conflicts}")
        detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
        for app, migrations in detector.changes(graph=loader.graph).items():
            changes = [each.describe() for one in migrations for each in one.operations]
            raise CommandError(f"{app} lacks a migration: {', '.join(changes)}")
        self.stdout.write("Every model has its migrations.")
