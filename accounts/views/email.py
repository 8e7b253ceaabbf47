"""One's e-mail address: asking for another, and the page behind the link that went there."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.forms import EmailForm
from accounts.routes import PageRequest
from accounts.services import email_change
from web import forms, navigation, render
from web.navigation import Crumb


@reauthentication_required(app="allauth.account")  # type: ignore[untyped-decorator]
def email(request: PageRequest) -> HttpResponse:
    form = EmailForm(request.POST or None)
    if request.method == "POST" and settings.HAS_MAIL:
        asked = forms.submit(
            form,
            lambda values: email_change.ask(request.user, **values, actor=request.actor),
        )
        if asked:
            messages.success(request, f"A link went to {asked}. Open it within three days.")
            return redirect(request.path)
    navigation.enter(request, scope="", crumbs=[Crumb("E-mail address", request.path)])
    context = {"form": form, "has_mail": settings.HAS_MAIL}
    return render.page(request, "accounts/email.html", context, status=forms.status(form))


@never_cache
def confirm(request: PageRequest, token: str) -> HttpResponse:
    """What the link would change; done once the button is pressed, as mail programs open links."""
    if request.method == "POST":
        done = email_change.confirm(token, request.user, actor=request.actor)
        messages.success(request, f"You sign in with {done.new} from now on.")
        return redirect("accounts:profile")
    change = email_change.read(token, request.user)
    above = Crumb("E-mail address", reverse("account_email"))
    navigation.enter(request, scope="", crumbs=[above, Crumb("Confirm", request.path)])
    return render.page(request, "accounts/email_confirm.html", {"change": change})
