"""Every address of the installation."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from installation.routes import gesture, page
from installation.views import audit, health, operators

app_name = "installation"

urlpatterns: list[URLPattern | URLResolver] = [
    page("", health.overview, "health"),
    page("operations/", health.operations, "operations"),
    page("operators/", operators.operators, "operators"),
    gesture("operators/<str:user_id>/revoke/", operators.revoke, "operator_revoke"),
    page("audit/", audit.audit, "audit"),
]
