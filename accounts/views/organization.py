"""Settings of an Organization, and the switcher between Organizations."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_fragment
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal
from accounts import navigation, queries
from accounts.forms import OrganizationForm
from accounts.models import Organization
from accounts.navigation import home_url
from accounts.routes import PageRequest
from accounts.services import organizations
from web import forms, render, stale
from web.navigation import Crumb, Entry

_MOST_OPTIONS = 20
_FIELDS = tuple(OrganizationForm.base_fields)
_SETTINGS = (
    ("General", "settings", Permission.ORGANIZATION_GET),
    ("Single sign-on", "sso", Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE),
    ("SCIM", "scim", Permission.ORGANIZATION_SCIM_UPDATE),
    ("IP access", "ip_access", Permission.ORGANIZATION_IP_ACCESS_UPDATE),
    ("Group rules", "group_rules", Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE),
)


def settings(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    refused = refusal(request.actor, Permission.ORGANIZATION_UPDATE, organization)
    initial = {name: getattr(organization, name) for name in _FIELDS}
    form = OrganizationForm(request.POST or None, initial=initial)
    stale.watch(form, organization, _FIELDS, is_locked=bool(refused))
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: organizations.update_organization(
            organization, **values, actor=request.actor
        ),
    ):
        messages.success(request, "The Organization was changed.")
        return redirect(request.path)
    stale.draw_anew(form, organization, _FIELDS)
    navigation.enter(request, organization, Crumb("Settings", request.path))
    context = {
        "organization": organization,
        "form": form,
        "refused": refused,
        "tabs": tabs(request, organization),
    }
    return render.page(request, "accounts/settings.html", context, status=forms.status(form))


def tabs(request: PageRequest, organization: Organization) -> tuple[Entry, ...]:
    """The pages of an Organization's settings; none where there is only one for this person."""
    allowed = request.actor.permissions_on(organization)
    found = [
        (label, reverse(f"accounts:{route}", args=[organization.pk]))
        for label, route, permission in _SETTINGS
        if permission in allowed
    ]
    shown = found if len(found) > 1 else []
    return tuple(Entry(label, url, is_current=url == request.path) for label, url in shown)


def switcher(request: PageRequest) -> HttpResponse:
    """The Organizations of this person, for the menu on top of the sidebar."""
    search = request.GET.get("q", "").replace("\x00", "")
    found = queries.organizations(request.actor).filter(name__icontains=search)
    options = [(each.name, home_url(each)) for each in found[:_MOST_OPTIONS]]
    here = navigation.current_organization(request)
    context = {"options": options, "current_url": home_url(here) if here else ""}
    return render_fragment(request, "accounts/switcher.html", context)
