from __future__ import annotations

from django.http import HttpResponse

from deployments import queries
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render


def detail(request: PageRequest, deployment_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    context = enter(request, deployment, tab="detail")
    return render.page(request, "deployments/layout.html", context)


urlpatterns = [page("deployments/<str:deployment_id>/", detail, "detail")]
