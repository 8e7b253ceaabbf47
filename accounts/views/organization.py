"""Settings of an Organization, and the switcher between Organizations."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_fragment

from access.permissions import Permission
from access.policy import refusal
from accounts import navigation, queries
from accounts.forms import OrganizationForm
from accounts.navigation import home_url
from accounts.routes import PageRequest
from accounts.services import organizations
from web import forms, render
from web.navigation import Crumb

_MOST_OPTIONS = 20


def settings(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    initial = {
        "name": organization.name,
        "allows_deprecated_runtimes": organization.allows_deprecated_runtimes,
        "audit_retention_days": organization.audit_retention_days,
    }
    form = OrganizationForm(request.POST or None, initial=initial)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: organizations.update_organization(
            organization, **values, actor=request.actor
        ),
    ):
        messages.success(request, "The Organization was changed.")
        return redirect(request.path)
    refused = refusal(request.actor, Permission.ORGANIZATION_UPDATE, organization)
    navigation.enter(request, organization, Crumb("Settings", request.path))
    context = {"organization": organization, "form": form, "refused": refused}
    return render.page(request, "accounts/settings.html", context, status=forms.status(form))


def switcher(request: PageRequest) -> HttpResponse:
    """The Organizations of this person, for the menu on top of the sidebar."""
    search = request.GET.get("q", "").replace("\x00", "")
    found = queries.organizations(request.actor).filter(name__icontains=search)
    options = [(each.name, home_url(each)) for each in found[:_MOST_OPTIONS]]
    return render_fragment(request, "accounts/switcher.html", {"options": options})
