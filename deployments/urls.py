"""Every address of this room: one line for each module of views."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

app_name = "deployments"

_PAGES = (
    "home",
    "lists",
    "bulk",
    "create",
    "place",
    "overview",
    "operations",
    "power",
    "settings",
    "deploys",
    "dags",
    "logs",
    "environment",
    "access",
    "grants",
    "tokens",
    "rights",
    "stream",
    "airflow",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"deployments.views.{pages}")) for pages in _PAGES
]
