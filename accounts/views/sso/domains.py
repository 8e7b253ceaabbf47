"""One domain: the record that proves it, what the last check found, and its people's rule."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from access.policy import refusal
from accounts.forms import ConfirmForm
from accounts.models import SsoDomain
from accounts.routes import PageRequest
from accounts.services import sso_domains, sso_rules
from accounts.sso import dns_records
from accounts.sso_forms import RuleForm
from accounts.views.sso import place
from web import forms, render
from web.navigation import Crumb


def domain(request: PageRequest, organization_id: str, domain_id: str) -> HttpResponse:
    """The page, and a change of the rule."""
    found = place.domain(request, organization_id, domain_id)
    form = RuleForm(request.POST or None, initial={"logins": found.enforced_logins})
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: sso_rules.set_enforced_logins(found, **values, actor=request.actor),
    ):
        messages.success(request, "The rule counts from now on, for open sessions too.")
        return redirect(request.path)
    place.enter(request, found.organization, Crumb(found.domain, request.path))
    context = {
        "domain": found,
        "form": form,
        "record_name": dns_records.name_of(found.domain),
        "record_value": dns_records.value_of(found.txt_token),
        "refused_rule": refusal(request.actor, place.CONNECTIONS, found),
    }
    return render.page(request, "sso/domain.html", context, status=forms.status(form))


def check(request: PageRequest, organization_id: str, domain_id: str) -> HttpResponse:
    """Ask DNS now."""
    found = place.domain(request, organization_id, domain_id)
    checked = sso_domains.check_domain(found, actor=request.actor)
    _say(request, checked)
    return redirect("accounts:sso_domain", organization_id, domain_id)


def remove(request: PageRequest, organization_id: str, domain_id: str) -> HttpResponse:
    """Ask for the name, then give it up."""
    found = place.domain(request, organization_id, domain_id)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: sso_domains.remove_domain(
            found, typed_name=values["confirmation"], actor=request.actor
        ),
    ):
        messages.success(request, f"{found} was given up.")
        return redirect("accounts:sso", organization_id)
    place.enter(request, found.organization, place.crumb(found), Crumb("Give up", request.path))
    context = {"domain": found, "form": form}
    return render.page(request, "sso/domain_remove.html", context, status=forms.status(form))


def _say(request: PageRequest, checked: SsoDomain) -> None:
    if checked.is_proven and not checked.is_missing:
        messages.success(request, f"{checked} is proven.")
    else:
        messages.warning(request, checked.last_answer)
