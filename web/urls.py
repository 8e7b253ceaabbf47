"""Addresses of the page toolbox."""

from __future__ import annotations

from django.urls import path

from web import readiness, views

app_name = "web"

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", readiness.readyz, name="readyz"),
    path("preferences/theme", views.preference, name="preference"),
    path("_styleguide", views.style_guide, name="styleguide"),
    path("_styleguide/options", views.style_guide_options, name="styleguide-options"),
]
