"""The set-up page: open to the holder of the one-time link until somebody exists."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.middleware import origin
from accounts.navigation import home_url
from accounts.services import setup
from web import forms, render
from workspaces.forms import SetUpForm
from workspaces.services.set_up import set_up


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Make the first person, Organization and Workspace; sign in; go home."""
    key = request.POST.get("key") or request.GET.get("key", "")
    setup.check_key(key)
    form = SetUpForm(request.POST or None)
    if request.method == "POST":
        made = forms.submit(
            form, lambda values: set_up(**values, origin=origin(request, door="page"))
        )
        if made:
            user, workspace = made
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            return redirect(home_url(workspace.organization))
    context = {"form": form, "key": key}
    return render.page(request, "workspaces/set_up.html", context, status=forms.status(form))
