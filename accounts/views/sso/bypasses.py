"""The bypass link, as the browser that opens it meets it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.services import sso_bypass
from accounts.sso import gate
from web import render


@never_cache
def follow(request: HttpRequest, bypass_id: str, secret: str) -> HttpResponse:
    """Say what the link is for; it is taken up once the button is pressed, as mail programs and
    chat open links by themselves. Raises BypassRefused."""
    bypass = sso_bypass.opened(bypass_id, secret)
    if request.method == "POST":
        gate.open_bypass(request, bypass)
        return redirect("account_login")
    return render.page(request, "sso/bypass_open.html", {"bypass": bypass})
