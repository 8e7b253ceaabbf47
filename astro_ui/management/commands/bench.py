from __future__ import annotations

import importlib
import json
import subprocess
import sys
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from astro_ui.bench import stage
from astro_ui.bench.metric import Metric, table

NAMES = {
    "start": "Empty clone to set-up page; memory and processor time of an idle console",
    "usable": "Create a Deployment until a DAG's task runs, beside `airflow standalone`",
    "visible": "Finalize a deploy until Airflow's API shows it, beside stock Airflow",
    "proxy": "Airflow through the built-in proxy, beside direct",
    "idle": "Memory of an idle Airflow, each version",
    "holds": "Operations accepted, a click's way to the worker, 100 creates with an emptied queue",
    "access": "Rights and the pages of a large tenant; verifying 1,000,000 audit rows",
    "scim": "People provisioned, looked up, put into Teams and shut out, beside scim2-server",
    "lists": "Queries and server time of every list page with 1,000 Deployments",
}


class Command(BaseCommand):
    help = "Measures what the console promises; exits 1 when a figure does not hold"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", choices=sorted(NAMES), help="default: all")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--inside", action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        metrics: list[Metric] = []
        for name in [options["name"]] if options["name"] else NAMES:
            if not options["json"]:
                self.stdout.write(f"# {name}: {NAMES[name]}")
            found = self._measure(name, is_inside=options["inside"])
            metrics += found
            if not options["json"]:
                self.stdout.write(table(found) + "\n")
        if options["json"]:
            self.stdout.write(json.dumps([metric.as_json() for metric in metrics], indent=2))
        missed = [metric.name for metric in metrics if not metric.holds]
        if missed:
            raise CommandError(f"does not hold: {', '.join(missed)}", returncode=1)

    def _measure(self, name: str, *, is_inside: bool) -> list[Metric]:
        """Run one benchmark here, or inside a console of its own where it needs one."""
        module = importlib.import_module(f"astro_ui.bench.{name}")
        if is_inside or not getattr(module, "NEEDS_CONSOLE", False):
            metrics: list[Metric] = module.run()
            return metrics
        with stage.running_console() as environment:
            done = subprocess.run(
                [sys.executable, "manage.py", "bench", name, "--inside", "--json"],
                cwd=stage.CHECKOUT,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=False,
            )
        if not done.stdout.strip():
            raise CommandError(f"the benchmark {name} broke; its error stands above")
        return [Metric.from_json(row) for row in json.loads(done.stdout)]
