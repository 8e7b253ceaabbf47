"""One's own account, apart from what allauth's pages do."""

from __future__ import annotations

from allauth.account.views import password_reset as allauth_password_reset
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.forms import ProfileForm
from accounts.routes import PageRequest
from accounts.services import people
from accounts.sso import enforcement, gate
from web import forms, navigation, render
from web.navigation import Crumb


def profile(request: PageRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial={"full_name": request.user.full_name})
    if request.method == "POST" and forms.accepted(
        form, lambda values: people.rename(request.user, **values, actor=request.actor)
    ):
        messages.success(request, "Your name was changed.")
        return redirect(request.path)
    navigation.enter(request, scope="", crumbs=[Crumb("Profile", request.path)])
    context = {"form": form}
    return render.page(request, "accounts/profile.html", context, status=forms.status(form))


def password_reset(request: HttpRequest) -> HttpResponseBase:
    """allauth's page; without a mail server it says who can help instead.

    Whose domain has no passwords is led to what it has: that says nothing of an account.
    """
    if not settings.HAS_MAIL:
        return render.page(request, "account/password_reset_by_operator.html")
    rule = enforcement.forbids(request.POST.get("email", ""), enforcement.Login.PASSWORD)
    if rule is not None:
        return gate.turn_away(request, rule)
    response: HttpResponseBase = allauth_password_reset(request)
    return response
