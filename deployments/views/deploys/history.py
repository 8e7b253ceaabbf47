"""The timeline of deploys, with the three ways to make the next one."""

from __future__ import annotations

from django.http import HttpResponse

from access.permissions import Permission
from deployments import queries
from deployments.models import Deploy
from deployments.views.deploys import recipes
from deployments.views.deploys.refusals import deploy_refusal
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render
from web.lists import Filter, ListQuery, ListSpec

LIST = ListSpec(
    sorts={"number": "number"},
    default_sort="-number",
    search_fields=("description", "created_by_label", "sha256", "git__commitSha"),
    filters=(Filter("status", "Status", choices=dict(Deploy.Status.choices)),),
)


def deploys(request: PageRequest, deployment_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    query = ListQuery(request, LIST)
    allowed = request.actor.permissions_on(deployment)
    context = {
        **enter(request, deployment, tab="deploys"),
        "query": query,
        "page": query.page(queries.deploys(request.actor, deployment)),
        "refusal": deploy_refusal(deployment, request.actor),
        "curl": recipes.curl(deployment),
        "astro": recipes.astro(deployment),
        "may_make_tokens": Permission.DEPLOYMENT_API_TOKENS_CREATE in allowed,
    }
    return render.page(request, "deployments/deploys/history.html", context, regions={"rows"})


urlpatterns = [page("deployments/<str:deployment_id>/deploys/", deploys, "deploys")]
