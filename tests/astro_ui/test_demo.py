"""`./console demo` makes data that a person can believe and a benchmark can measure."""

from __future__ import annotations

import pytest

from astro_ui import demo
from deployments import watcher
from deployments.models import Deployment
from tests.factories import actor


@pytest.mark.django_db
def test_its_owner_sees_every_deployment_with_a_history() -> None:
    made = demo.fill(deployments=25, password="correct-horse-battery")

    seen = Deployment.objects.visible_to(actor(made.owner), "deployment.get")  # type: ignore[arg-type]
    assert seen.count() == 25
    assert all(deployment.deploys.exists() for deployment in seen)
    assert {deployment.status for deployment in seen} >= {"HEALTHY", "HIBERNATING"}


@pytest.mark.django_db
def test_the_watcher_leaves_it_as_it_is() -> None:
    demo.fill(deployments=25, password="correct-horse-battery")
    before = list(Deployment.objects.order_by("pk").values_list("status", flat=True))

    watcher.watch()

    assert list(Deployment.objects.order_by("pk").values_list("status", flat=True)) == before


@pytest.mark.django_db
def test_two_that_draw_the_same_namespace_do_not_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["calm-comet-1000", "calm-comet-1000", "bold-moon-2000"])
    monkeypatch.setattr(demo, "new_namespace", lambda: next(drawn))
    demo.fill(deployments=2, password="correct-horse-battery")

    namespaces = Deployment.objects.values_list("namespace", flat=True)
    assert set(namespaces) == {"calm-comet-1000", "bold-moon-2000"}
