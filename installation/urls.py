"""Every address of the installation."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from installation.routes import gesture, page
from installation.views import audit, health, metrics, operators, organizations, sign_up, tenants

app_name = "installation"

_ORGANIZATION = "organizations/<str:organization_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("metrics", metrics.exposition, name="metrics"),
    page("", health.overview, "health"),
    page("operations/", health.operations, "operations"),
    page("organizations/", organizations.index, "organizations"),
    page("organizations/new/", organizations.create, "organization_create"),
    page(f"{_ORGANIZATION}/", organizations.detail, "organization"),
    page(f"{_ORGANIZATION}/suspend/", organizations.suspend, "organization_suspend"),
    page(f"{_ORGANIZATION}/read/", tenants.organization, "tenant"),
    page("deployments/<str:deployment_id>/", tenants.deployment, "deployment"),
    gesture(f"{_ORGANIZATION}/resume/", organizations.resume, "organization_resume"),
    page("sign-up/", sign_up.sign_up, "sign_up"),
    page("operators/", operators.operators, "operators"),
    gesture("operators/<str:user_id>/revoke/", operators.revoke, "operator_revoke"),
    page("audit/", audit.audit, "audit"),
]
