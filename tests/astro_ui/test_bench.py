"""The benchmarks: each can be named, says what it is, and is written down."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from accounts.models import User
from astro_ui.bench import load
from astro_ui.bench.stage import Stage
from astro_ui.management.commands.bench import NAMES
from deployments import services
from deployments.models import Deployment
from tests import factories
from tests.deployments.driving import settle
from workspaces.models import Workspace

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", NAMES)
def test_each_one_runs_by_its_name_and_is_written_down(name: str) -> None:
    assert callable(import_module(f"astro_ui.bench.{name}").run)
    assert f"## {name}" in (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")


def test_what_is_measured_under_load_settles_by_itself(olivia: User, science: Workspace) -> None:
    stage = Stage("", science.organization_id, science.pk, "", browser=None)  # type: ignore[arg-type]
    load.prepare(stage, 2)
    one, _ = load.awake()
    row = Deployment.objects.get(pk=one)

    services.rest(row, asleep=True, actor=factories.actor(olivia))

    assert settle(row).status == "HIBERNATING"
    assert len(load.awake()) == 1
