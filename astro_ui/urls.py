"""Every address of the console, one line for each room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("web.urls")),
    path("", include("accounts.urls")),
    path("", include("workspaces.urls")),
    path("", include("deployments.urls")),
    path("", include("api.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("allauth.idp.urls")),
]
