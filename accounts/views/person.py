"""One's own account, apart from what allauth's pages do."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from allauth.account.views import password_reset as allauth_password_reset
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.forms import ProfileForm
from accounts.routes import PageRequest
from accounts.services import people, setup, sign_up
from accounts.views.two_factor import passkey_context
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


class _SignIn(LoginView):  # type: ignore[misc]
    """allauth's page; it also says who may make an account."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"sign_up": sign_up.policy(), **passkey_context()}


_sign_in = _SignIn.as_view()


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """allauth's page; before set-up, when nobody could sign in, the way to set up instead."""
    if setup.is_needed():
        return render.page(request, "account/not_set_up.html")
    response: HttpResponseBase = _sign_in(request)
    return response


def password_reset(request: HttpRequest) -> HttpResponseBase:
    """allauth's page; without a mail server it says who can help instead."""
    if not settings.HAS_MAIL:
        return render.page(request, "account/password_reset_by_operator.html")
    response: HttpResponseBase = allauth_password_reset(request)
    return response
