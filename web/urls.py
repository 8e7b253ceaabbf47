from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "web"


def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [path("livez", livez, name="livez")]
