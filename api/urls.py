from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from api.spec import document
from api.uploads import upload
from api.v1.views import Unknown

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include("api.v1.urls")),
    path("", include("api.scim.urls")),
    path("spec/v1.0", document, name="spec"),
    re_path(r"^v1$", Unknown.as_view(), name="root"),
    path("uploads/<str:deploy_id>/bundle.tar.gz", upload, name="upload"),
]
