"""Single sign-on of an Organization at a glance: its domains, its connections, the bypass link."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from access.permissions import Permission
from access.policy import refusal
from accounts.models import SsoBypass, SsoConnection, SsoDomain
from accounts.routes import PageRequest
from accounts.services import sso_bypass, sso_domains
from accounts.sso_forms import FORMS, BypassForm, DomainForm
from accounts.two_factor import methods
from accounts.views.organization import tabs
from accounts.views.sso import place
from web import forms, render


def overview(request: PageRequest, organization_id: str) -> HttpResponse:
    """The page, and the claim of another domain."""
    owner = place.organization(request, organization_id, to=place.CONNECTIONS)
    form = DomainForm(request.POST or None)
    if request.method == "POST":
        made = forms.submit(
            form,
            lambda values: sso_domains.claim_domain(owner, **values, actor=request.actor),
        )
        if made:
            messages.success(request, f"{made} is claimed. Put its record into DNS now.")
            return redirect("accounts:sso_domain", owner.pk, made.pk)
    place.enter(request, owner)
    domains = SsoDomain.objects.filter(organization=owner).select_related("connection")
    context = {
        "organization": owner,
        "tabs": tabs(request, owner),
        "domains": domains,
        "connections": SsoConnection.objects.filter(organization=owner).prefetch_related("domains"),
        "kinds": [(kind, SsoConnection.Kind(kind).label) for kind in FORMS],
        "bypass": SsoBypass.objects.filter(organization=owner).select_related("used_by").first(),
        "form": form,
    }
    return render.page(request, "sso/overview.html", context, status=forms.status(form))


def bypass(request: PageRequest, organization_id: str) -> HttpResponse:
    """Make the bypass link, which is shown this once, or end it."""
    owner = place.organization(request, organization_id, to=Permission.ORGANIZATION_SSO_BYPASS_GET)
    now = SsoBypass.objects.filter(organization=owner).select_related("used_by").first()
    form = BypassForm(request.POST if "make" in request.POST else None)
    made = None
    if "delete" in request.POST and now is not None:
        sso_bypass.delete_bypass(now, actor=request.actor)
        messages.success(request, "The bypass link has ended.")
        return redirect(request.path)
    if "make" in request.POST:
        made = forms.submit(
            form, lambda values: sso_bypass.make_bypass(owner, **values, actor=request.actor)
        )
    place.enter(request, owner)
    context = {
        "organization": owner,
        "bypass": now,
        "made": made,
        "form": form,
        "lacks_second_factor": methods.of(request.user).count == 0,
        "lacks_password": not request.user.has_usable_password(),
        "refused": refusal(request.actor, Permission.ORGANIZATION_SSO_BYPASS_ROTATE, owner),
    }
    return render.page(request, "sso/bypass.html", context, status=forms.status(form))
