"""Sample data of the style guide: every component in every state, with no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb, Entry, Frame, Person, Tray
from web.pagination import Page


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a DAG, for the bars."""

    state: str
    duration: timedelta | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log."""

    number: int
    at: datetime
    source: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the sample table."""

    pk: str
    name: str
    status: str
    runtime: str
    runs: tuple[Run, ...]
    cpu: tuple[float | None, ...]
    author: str
    deployed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the panel "what will change"."""

    label: str
    before: str
    after: str
    effect: str = ""


class SampleForm(forms.Form):
    """Fields in their states."""

    name = forms.CharField(max_length=20, help_text="Letters, digits and dashes.")
    description = forms.CharField(required=False, widget=forms.Textarea)
    executor = forms.ChoiceField(choices=[("LOCAL", "Local"), ("CELERY", "Celery")])
    size = forms.ChoiceField(
        choices=[("SMALL", "Small"), ("MEDIUM", "Medium")], widget=forms.RadioSelect
    )
    development = forms.BooleanField(
        required=False, label="Development mode", help_text="Allows hibernation."
    )
    cluster = forms.CharField(disabled=True, initial="local", required=False)


LIST = ListSpec(
    sorts={"name": "name", "deployed": "deployed_at"},
    default_sort="name",
    search_fields=("name",),
    filters=(
        Filter("status", "Status", {"HEALTHY": "Healthy", "UNHEALTHY": "Unhealthy"}),
        Filter("executor", "Executor", {"LOCAL": "Local", "CELERY": "Celery"}),
    ),
)

_STATUSES = ("HEALTHY", "DEPLOYING", "UNHEALTHY", "HIBERNATING", "UNKNOWN", "CREATING")
_NAMES = ("prod-etl", "staging-etl", "ml-features", "dev-wanda", "finance-close", "new-orders")
_PEOPLE = ("Wanda Maximoff", "Olivia Benson", "Mia Wallace")


def enter(request: HttpRequest) -> None:
    """Put the style guide into a frame that shows all of its parts."""
    labels = (
        ("Home", "home"),
        ("Deployments", "rocket"),
        ("DAGs", "topology-star-3"),
        ("Environment", "variable"),
        ("Activity", "activity"),
        ("Settings", "settings"),
    )
    entries = tuple(
        Entry(
            label,
            url=f"#{icon}",
            icon=icon,
            is_current=label == "Deployments",
            badge="6" if label == "Deployments" else "",
        )
        for label, icon in labels
    )
    menu = reverse("web:styleguide-options") + "?as=menu"
    request.navigation = Frame(  # type: ignore[attr-defined]
        scope="styleguide",
        entries=entries,
        crumbs=(Crumb("Acme", "#"), Crumb("Data Science", "#", menu), Crumb("prod-etl", "#", menu)),
        organization=Crumb("Acme", "#", menu),
        person=Person("Mia Wallace", "mia@example.com", (Entry("Profile", "#", "user"),), "#"),
        tray=tray(),
        palette_url=reverse("web:styleguide-options"),
    )


def tray() -> Tray:
    """Two operations that never end."""
    return Tray("#", running=2, badge_url=reverse("web:styleguide-options") + "?as=tray")


def context(request: HttpRequest) -> dict[str, Any]:
    """The sample data of the page."""
    now = timezone.now()
    refused = SampleForm({"name": "much too long for a Deployment", "executor": "LOCAL"})
    return {
        "states": list(_STATUSES),
        "query": ListQuery(request, LIST),
        "page": Page(rows=(), next_url="?after=x", previous_url="?before=x"),
        "rows": _rows(now),
        "form": SampleForm(),
        "refused": refused,
        "lines": _lines(),
        "last_lines": _lines()[2:4],
        "changes": [
            Change("Scheduler size", "Small", "Medium", "Restarts the scheduler"),
            Change("Contact address", "", "data@example.com"),
        ],
        "started": now - timedelta(seconds=7),
        "usual": timedelta(seconds=3),
        "took": timedelta(seconds=2.4),
        "tabs": (
            Entry("Overview", "#overview", is_current=True),
            Entry("DAGs", "#dags", badge="12"),
            Entry("Deploys", "#deploys"),
            Entry("Environment", "#environment"),
            Entry("Resources", "#resources"),
            Entry("Logs", "#logs"),
            Entry("Access", "#access"),
        ),
    }


def search(words: str) -> list[Row]:
    """The sample rows whose name holds the words."""
    return [row for row in _rows(timezone.now()) if words.lower() in row.name]


def _rows(now: datetime) -> list[Row]:
    return [
        Row(
            pk=f"cm4zk8p3x0000{number}08l7f2gh9qab",
            name=name,
            status=_STATUSES[number],
            runtime=("3.3-8", "3.2-10", "13.11.0")[number % 3],
            runs=tuple(
                Run(
                    "failed" if (place + number) % 7 == 3 else "success",
                    timedelta(seconds=20 + (place * 7 + number * 13) % 40),
                )
                for place in range(14 if number < 4 else number)
            ),
            cpu=tuple(0.2 + ((place * 5 + number * 3) % 11) / 16 for place in range(24)),
            author=_PEOPLE[number % 3],
            deployed_at=now - timedelta(minutes=5 * 7**number) if number < 5 else None,
        )
        for number, name in enumerate(_NAMES)
    ]


def _lines() -> list[Line]:
    start = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    said = (
        ("scheduler", "INFO", "Starting the scheduler"),
        ("scheduler", "INFO", "Adopting or resetting orphaned tasks for active dag runs"),
        ("dag-processor", "WARNING", "DAG file took 4.2 s to parse: dags/orders.py"),
        ("dag-processor", "ERROR", "Failed to import dags/broken.py: line 12: No module 'pandas'"),
        ("triggerer", "INFO", "0 triggers currently running"),
    )
    return [
        Line(number, start + timedelta(seconds=number * 3), *said[number % len(said)])
        for number in range(1, 25)
    ]
