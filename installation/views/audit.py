"""The installation's log: its own changes, and what operators did to tenants."""

from __future__ import annotations

from django.http import HttpResponse

from access.scopes import PrincipalKind
from audit.models import Outcome
from audit.queries import TimedQuery, shown
from installation import queries
from installation.navigation import enter
from installation.routes import PageRequest
from web import render
from web.lists import Filter, ListSpec
from web.navigation import Crumb


def audit(request: PageRequest) -> HttpResponse:
    actions = {name: name for name in queries.operator_actions()}
    spec = ListSpec(
        sorts={"at": "id"},
        default_sort="-at",
        search_fields=("target_label", "target_id", "actor_label", "request_id"),
        filters=(
            Filter("action", "Action", actions),
            Filter("outcome", "Outcome", dict(Outcome.choices)),
            Filter(
                "by", "By", {kind.value: kind.value.title() for kind in PrincipalKind},
                field="actor_kind",
            ),
        ),
    )  # fmt: skip
    query = TimedQuery(request, spec)
    page = query.page(queries.log(request.actor))
    context = {
        "place": "this installation",
        "query": query,
        "page": page,
        "entries": [shown(row) for row in page.rows],
    }
    enter(request, Crumb("Audit log", request.path))
    return render.page(request, "audit/list.html", context, regions={"rows"})
