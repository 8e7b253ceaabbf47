"""Who may make an account without an invitation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models import Installation
from accounts.services import sign_up as services
from installation.forms import SignUpForm
from installation.navigation import enter
from installation.routes import PageRequest
from web import forms, render
from web.navigation import Crumb


@dataclass(frozen=True)
class Choice:
    """One policy as a card."""

    value: str
    title: str
    help: str
    is_checked: bool
    reason: str = ""
    """Why it cannot be chosen here."""

    @property
    def is_disabled(self) -> bool:
        return bool(self.reason)


def sign_up(request: PageRequest) -> HttpResponse:
    """The policy, and what each one means on this installation."""
    installation = Installation.current()
    initial = {
        "policy": installation.sign_up,
        "domains": "\n".join(installation.sign_up_domains),
    }
    form = SignUpForm(request.POST or None, initial=initial)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.set_sign_up(
            installation,
            policy=values["policy"],
            domains=values["domains"].split(),
            actor=request.actor,
        ),
    ):
        messages.success(request, "The sign-up policy was changed.")
        return redirect(request.path)
    enter(request, Crumb("Sign-up", request.path))
    context: dict[str, Any] = {
        "form": form,
        "choices": _choices(str(form["policy"].value())),
        "is_unproven": installation.sign_up == Installation.SignUp.OPEN and not settings.HAS_MAIL,
        "is_shut": installation.sign_up == Installation.SignUp.DOMAINS and not settings.HAS_MAIL,
    }
    return render.page(request, "installation/sign_up.html", context, status=forms.status(form))


def _choices(chosen: str) -> list[Choice]:
    policies = Installation.SignUp
    proof = "The address is confirmed by mail first."
    unproven = "This console sends no mail, so no address is proven: only where all are trusted."
    closed = "Needs a mail server: without a confirmation anybody could claim such an address."
    has_mail = settings.HAS_MAIL
    helps = {
        policies.INVITATION: "Only by the link that an Owner, or you, made for one address.",
        policies.DOMAINS: f"Whoever has an address of a domain that is listed below. {proof}",
        policies.OPEN: f"Whoever reaches this console. {proof if has_mail else unproven}",
    }
    return [
        Choice(
            value=policy.value,
            title=str(policy.label),
            help=helps[policy],
            is_checked=policy.value == chosen,
            reason="" if has_mail or policy is not policies.DOMAINS else closed,
        )
        for policy in policies
    ]
