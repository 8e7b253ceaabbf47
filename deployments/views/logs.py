"""The Logs tab: what the components of a Deployment's Airflow print, live and searchable."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from deployments import backends, component_logs, queries
from deployments.models import Deployment
from deployments.provisioners.base import Capability, LogLine, LogQuery
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import Unavailable

SHOWN = 500
_DOWNLOADED = 50_000
_LONGEST_SEARCH = 200
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
RANGES = {
    "15m": ("Last 15 minutes", timedelta(minutes=15)),
    "1h": ("Last hour", timedelta(hours=1)),
    "6h": ("Last 6 hours", timedelta(hours=6)),
    "1d": ("Last day", timedelta(days=1)),
    "7d": ("Last 7 days", timedelta(days=7)),
}
_COMPONENTS = {
    2: ("webserver", "scheduler", "triggerer", "worker"),
    3: ("api-server", "scheduler", "dag-processor", "triggerer", "worker"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; words it does not know are ignored."""

    component: str
    level: str
    search: str
    range: str
    until: datetime | None

    @classmethod
    def of(cls, request: PageRequest) -> Asked:
        given = request.GET
        level, span = given.get("level", ""), given.get("range", "")
        return cls(
            component=given.get("component", "")[:63],
            level=level if level in LEVELS else "",
            search=given.get("q", "").replace("\x00", "").strip()[:_LONGEST_SEARCH],
            range=span if span in RANGES else "",
            until=_moment(given.get("until", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.component or self.level or self.search or self.range or self.until)

    @property
    def words(self) -> str:
        """The same as a query of an address, without `until`."""
        named = {
            "component": self.component,
            "level": self.level,
            "q": self.search,
            "range": self.range,
        }
        return urlencode({name: value for name, value in named.items() if value})

    def query(self, *, limit: int = SHOWN, after: str = "") -> LogQuery:
        end = self.until or timezone.now()
        return LogQuery(
            components=(self.component,) if self.component else (),
            search=self.search,
            minimum_level=self.level,
            since=end - RANGES[self.range][1] if self.range else None,
            until=self.until,
            after=after,
            limit=limit,
        )


@dataclass
class Line:
    """One line as the log component shows it."""

    number: str
    key: str
    """Lasts as long as the line: of its time, component and text."""
    href: str
    """Leads to the lines up to this one, whatever came after."""
    text: SafeString
    at: datetime | None
    source: str
    level: str


def logs(request: PageRequest, deployment_id: str) -> HttpResponse:
    """The newest lines that match; new ones follow while no end of the range is given."""
    deployment = queries.deployment(request.actor, deployment_id)
    asked = Asked.of(request)
    shown = {**enter(request, deployment, tab="logs"), "asked": asked, **_choices(deployment)}
    if Capability.COMPONENT_LOGS not in backends.provisioner(deployment.cluster).capabilities:
        return render.page(request, "deployments/logs/none.html", shown)
    try:
        found = component_logs.read(request.actor, deployment, asked.query())
    except Unavailable as error:
        shown["problem"] = error
        found = []
    shown |= _lines(deployment, asked, found) | {
        "download_url": f"{reverse('deployments:logs_download', args=[deployment.pk])}"
        f"?{_with_end(asked, asked.until)}"
    }
    return render.page(request, "deployments/logs/logs.html", shown, regions={"logs"})


def logs_lines(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Only the lines after the cursor `after`."""
    deployment = queries.deployment(request.actor, deployment_id)
    asked = replace(Asked.of(request), until=None)
    after = request.GET.get("after", "")[:2000]
    found = component_logs.read(request.actor, deployment, asked.query(after=after))
    if not found:
        return HttpResponse(status=204)
    return render.page(request, "deployments/logs/lines.html", _lines(deployment, asked, found))


def logs_download(request: PageRequest, deployment_id: str) -> HttpResponse:
    """The lines that match as text, at most 50,000."""
    deployment = queries.deployment(request.actor, deployment_id)
    query = Asked.of(request).query(limit=_DOWNLOADED)
    lines = component_logs.read(request.actor, deployment, query)
    text = "".join(
        f"{line.at.isoformat() if line.at else '-'} {line.level} {line.component} {line.text}\n"
        for line in lines
    )
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = f"{deployment.namespace}.log"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _choices(deployment: Deployment) -> dict[str, Any]:
    running = [part["name"] for part in deployment.components]
    major = 2 if deployment.airflow_version.startswith("2") else 3
    return {
        "components": running or _COMPONENTS[major],
        "levels": LEVELS,
        "ranges": {value: words for value, (words, _) in RANGES.items()},
    }


def _lines(deployment: Deployment, asked: Asked, found: Iterable[LogLine]) -> dict[str, Any]:
    """The lines, and where those after them come from while the range has no end."""
    rows = list(found)
    after = rows[-1].cursor if rows else ""
    address = reverse("deployments:logs_lines", args=[deployment.pk])
    is_open = asked.until is None and not deployment.is_asleep
    return {
        "lines": _told_apart([_line(deployment, asked, row) for row in rows]),
        "lines_url": f"{address}?{asked.words}&{urlencode({'after': after})}" if is_open else "",
        "is_full": len(rows) == SHOWN,
    }


def _told_apart(lines: list[Line]) -> list[Line]:
    """The same line twice in one moment: the second gets a number."""
    seen: Counter[str] = Counter()
    for line in lines:
        seen[line.key] += 1
        if seen[line.key] > 1:
            line.key += f"-{seen[line.key]}"
    return lines


def _line(deployment: Deployment, asked: Asked, row: LogLine) -> Line:
    address = reverse("deployments:logs", args=[deployment.pk])
    mark = zlib.crc32(f"{row.component} {row.text}".encode())
    stamp = f"{row.at.timestamp():.3f}".replace(".", "") if row.at else "0"
    return Line(
        number="¶",
        key=f"{stamp}-{mark:08x}",
        href=f"{address}?{_with_end(asked, row.at)}",
        text=_highlighted(row.text, asked.search),
        at=row.at,
        source=row.component,
        level=row.level,
    )


def _highlighted(text: str, search: str) -> SafeString:
    """The text, escaped, with each place of the search marked."""
    if not search:
        return format_html_join("", "{}", [(text,)])
    pieces = re.split(f"({re.escape(search)})", text, flags=re.IGNORECASE)
    template = {0: "{}", 1: "<mark>{}</mark>"}
    return SafeString(
        "".join(
            format_html_join("", template[position % 2], [(piece,)])
            for position, piece in enumerate(pieces)
        )
    )


def _with_end(asked: Asked, end: datetime | None) -> str:
    until = urlencode({"until": end.astimezone(UTC).isoformat()}) if end else ""
    return "&".join(part for part in (asked.words, until) if part)


def _moment(given: str) -> datetime | None:
    """A time of an address or a form, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


urlpatterns = [
    page("deployments/<str:deployment_id>/logs/", logs, "logs"),
    page("deployments/<str:deployment_id>/logs/lines/", logs_lines, "logs_lines"),
    page("deployments/<str:deployment_id>/logs/download/", logs_download, "logs_download"),
]
