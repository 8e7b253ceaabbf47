"""Every address of the console, one line for each room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from astro_ui import palette

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("api.urls")),  # first: programs ask most
    path("", include("web.urls")),
    path("", include("accounts.urls")),
    path("", include("workspaces.urls")),
    path("", include("deployments.urls")),
    path("", include("installation.urls")),
    path("palette", palette.search, name="palette"),
    path("accounts/", include("allauth.urls")),
    path("", include("allauth.idp.urls")),
]

handler400 = "web.views.bad_request"
handler403 = "web.views.permission_denied"
handler404 = "web.views.not_found"
handler500 = "web.views.server_error"
