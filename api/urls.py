from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from api.uploads import upload

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include("api.v1.urls")),
    path("uploads/<str:deploy_id>/bundle.tar.gz", upload, name="upload"),
]
