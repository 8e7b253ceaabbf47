"""Saved filters of the audit log."""

from __future__ import annotations

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from accounts import navigation, queries
from accounts.models import AuditFilter, Organization
from accounts.models.audit_filter import AuditFilterQuerySet
from accounts.routes import PageRequest
from accounts.services import audit_filters as services
from web import forms, render
from web.errors import NotFound
from web.navigation import Crumb


class FilterForm(django_forms.Form):
    name = django_forms.CharField(max_length=50)
    is_shared = django_forms.BooleanField(
        required=False,
        label="Show it to everybody who reads this log",
        help_text="Else you alone see it.",
    )


def filters(request: PageRequest, organization_id: str) -> HttpResponse:
    """All that the asker may use; what stands behind the `?` of this address can be saved."""
    organization = _organization(request, organization_id)
    narrowing = request.GET.urlencode()
    form = FilterForm(request.POST or None)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.save_filter(
            organization, **values, narrowing=narrowing, actor=request.actor
        ),
    ):
        messages.success(request, "The filter was saved.")
        return redirect(f"{_log(organization)}?{narrowing}")
    crumbs = (Crumb("Audit log", _log(organization)), Crumb("Saved filters", request.path))
    navigation.enter(request, organization, *crumbs)
    refused = refusal(request.actor, Permission.ORGANIZATION_UPDATE, organization)
    mine = request.actor.principal.id
    context = {
        "form": form,
        "narrowing": list(request.GET.items()),
        "back": _log(organization),
        "rows": [
            (each, "" if each.owner_id == mine else refused) for each in of(request, organization)
        ],
    }
    return render.page(request, "audit/filters.html", context, status=forms.status(form))


def remove(request: PageRequest, organization_id: str, filter_id: str) -> HttpResponse:
    organization = _organization(request, organization_id)
    found = of(request, organization).filter(pk=filter_id).first()
    if found is None:
        raise NotFound("There is no such filter.", remedy="It was removed, or is not shared.")
    services.remove_filter(found, actor=request.actor)
    messages.success(request, f"{found} was removed.")
    return redirect("accounts:audit", organization.pk)


def of(request: PageRequest, organization: Organization) -> AuditFilterQuerySet:
    """Those that the asker may use there."""
    own = AuditFilter.objects.filter(organization=organization)
    return own.usable_by(request.actor.principal.id).select_related("owner", "organization")


def _organization(request: PageRequest, organization_id: str) -> Organization:
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_AUDIT_LOGS_GET, organization)
    return organization


def _log(organization: Organization) -> str:
    return reverse("accounts:audit", args=[organization.pk])
