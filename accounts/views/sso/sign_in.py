"""Signing in and out: the e-mail first, which says by what way somebody goes on."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.services import setup, sign_up
from accounts.sso import domains, enforcement, gate, leaving
from accounts.sso_forms import EmailFirstForm
from accounts.views.two_factor import passkey_context
from web import render


class _SignIn(LoginView):  # type: ignore[misc]
    """allauth's page behind a first step of ours; it also says who may make an account."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "password" in request.POST:
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
            return answer
        return self._first_step(request)

    def _first_step(self, request: HttpRequest) -> HttpResponseBase:
        """To the domain's identity provider; else on to the password, whoever is asked for."""
        first = EmailFirstForm(request.POST)
        if not first.is_valid():
            return self._shown(status=422, first=first)
        email = first.cleaned_data["login"]
        connection = domains.connection_for(email)
        wants_password = request.POST.get("by") == "password" or gate.bypass_of(request)
        if connection is not None and not wants_password:
            return redirect(
                _with_next(request, reverse("accounts:sso_login", args=[connection.key]))
            )
        form = LoginForm(initial={"login": email}, request=request)
        return self._shown(form=form, email=email)

    def _shown(self, *, status: int = 200, **context: Any) -> HttpResponseBase:
        filled = self.get_context_data(**context)
        answer: HttpResponseBase = self.render_to_response(filled, status=status)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        given = self.request.POST
        email = given.get("login", "") if "password" in given else ""
        here = {
            "email": email,
            "first": EmailFirstForm(),
            "first_step": _with_next(self.request, reverse("account_login")),
            "sign_up": sign_up.policy(),
            "bypass": gate.bypass_of(self.request),
        }
        return context | here | passkey_context() | _asked(self.request) | kwargs


_sign_in = _SignIn.as_view()


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Before set-up, when nobody could sign in, the way to set up instead."""
    if setup.is_needed():
        return render.page(request, "account/not_set_up.html")
    response: HttpResponseBase = _sign_in(request)
    return response


class _SignOut(LogoutView):  # type: ignore[misc]
    """allauth's; who came by an identity provider goes on to sign out there."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        onward = leaving.address(self.request)
        answer: HttpResponse = super().post(*args, **kwargs)
        if onward is None:
            return answer
        connection, url = onward
        context = {"connection": connection, "url": url}
        return render.page(self.request, "sso/sign_out.html", context)


sign_out = _SignOut.as_view()


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What the domain of somebody who was turned away asks for, and the way there."""
    rule = gate.asked(request)
    if rule is None:
        return {}
    connection = rule.connection
    is_open = connection is not None and connection.is_active and "SSO" in rule.enforced_logins
    url = reverse("accounts:sso_login", args=[connection.key]) if connection and is_open else ""
    return {
        "asked": rule,
        "asked_words": enforcement.refusal_of(rule).cause,
        "asked_url": _with_next(request, url) if url else "",
    }


def _with_next(request: HttpRequest, url: str) -> str:
    onward = get_next_redirect_url(request)
    return f"{url}?{urlencode({'next': onward})}" if onward else url
