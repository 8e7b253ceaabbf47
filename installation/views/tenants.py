"""What an operator may look at inside an Organization: read-only, and written into its log.

Not here, whoever runs the installation: environment variables, logs, code, and Airflow itself.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from installation import queries, services, tenants
from installation.navigation import enter
from installation.routes import PageRequest
from web import render
from web.navigation import Crumb


def organization(request: PageRequest, organization_id: str) -> HttpResponse:
    """Its Owners, Workspaces and Deployments."""
    found = queries.organization(request.actor, organization_id)
    services.read_organization(found, actor=request.actor)
    context = {"organization": found, "contents": tenants.contents(request.actor, found)}
    enter(request, *_crumbs(found.pk, found.name), Crumb("Read", request.path))
    return render.page(request, "installation/tenant.html", context)


def deployment(request: PageRequest, deployment_id: str) -> HttpResponse:
    """How it is, what was done to it lately, and why that failed."""
    found = queries.deployment(request.actor, deployment_id)
    services.read_deployment(found, actor=request.actor)
    context = {"deployment": found, "history": tenants.history(request.actor, found)}
    home = found.organization
    enter(request, *_crumbs(home.pk, home.name), Crumb(found.name, request.path))
    return render.page(request, "installation/deployment.html", context)


def _crumbs(organization_id: str, name: str) -> tuple[Crumb, Crumb]:
    here = reverse("installation:organization", args=[organization_id])
    return Crumb("Organizations", reverse("installation:organizations")), Crumb(name, here)
