"""Where the audit log of an Organization is sent on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from accounts import navigation, queries
from accounts.forms import ConfirmForm
from accounts.models import AuditSink, Organization
from accounts.routes import PageRequest
from accounts.services import sinks as services
from accounts.sink_forms import SinkForm
from accounts.sinks import delivery
from web import forms, render
from web.errors import DomainError, NotFound
from web.navigation import Crumb


def sinks(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = _organization(request, organization_id)
    found = AuditSink.objects.filter(organization=organization)
    context = {
        "organization": organization,
        "sinks": [(each, delivery.waiting(each)) for each in found],
        "kinds": AuditSink.Kind.choices,
        "refused": refusal(request.actor, Permission.ORGANIZATION_UPDATE, organization),
    }
    navigation.enter(request, organization, *_crumbs(organization))
    return render.page(request, "audit/sinks.html", context)


def new(request: PageRequest, organization_id: str, kind: str) -> HttpResponse:
    organization = _organization(request, organization_id)
    require(request.actor, Permission.ORGANIZATION_UPDATE, organization)
    if kind not in AuditSink.Kind.values:
        raise NotFound("There is no such kind of sink.")
    form = SinkForm(kind, request.POST or None, is_new=True)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.create_sink(organization, kind=kind, **values, actor=request.actor),
    ):
        messages.success(request, "The sink was added. Rows reach it within a minute.")
        return redirect("accounts:audit_sinks", organization.pk)
    label = AuditSink.Kind(kind).label
    navigation.enter(
        request, organization, *_crumbs(organization), Crumb(f"New {label}", request.path)
    )
    context = {"organization": organization, "form": form, "title": f"Send to {label}"}
    return render.page(request, "audit/sink.html", context, status=forms.status(form))


def sink(request: PageRequest, organization_id: str, sink_id: str) -> HttpResponse:
    """Change one, or send it a line that says it is a test."""
    found = _found(request, organization_id, sink_id)
    organization = found.organization
    names = ("name", "target", "transport", "header", "is_on")
    initial = {name: getattr(found, name) for name in names}
    is_saved = request.method == "POST" and "try" not in request.POST
    form = SinkForm(found.kind, request.POST if is_saved else None, is_new=False, initial=initial)
    if request.method == "POST" and not is_saved:
        return _try(request, found)
    if is_saved and forms.accepted(
        form, lambda values: services.change_sink(found, **values, actor=request.actor)
    ):
        messages.success(request, "The sink was changed.")
        return redirect("accounts:audit_sinks", organization.pk)
    navigation.enter(request, organization, *_crumbs(organization), Crumb(found.name, request.path))
    context = {
        "organization": organization,
        "form": form,
        "sink": found,
        "waiting": delivery.waiting(found),
        "title": found.name,
    }
    return render.page(request, "audit/sink.html", context, status=forms.status(form))


def remove(request: PageRequest, organization_id: str, sink_id: str) -> HttpResponse:
    """Ask for the name, then remove."""
    found = _found(request, organization_id, sink_id)
    organization = found.organization
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.remove_sink(
            found, typed_name=values["confirmation"], actor=request.actor
        ),
    ):
        messages.success(request, f"{found} was removed.")
        return redirect("accounts:audit_sinks", organization.pk)
    own = Crumb(found.name, reverse("accounts:audit_sink", args=[organization.pk, found.pk]))
    navigation.enter(request, organization, *_crumbs(organization), own, Crumb("Remove", ""))
    context = {"sink": found, "form": form, "waiting": delivery.waiting(found)}
    return render.page(request, "audit/sink_remove.html", context, status=forms.status(form))


def _try(request: PageRequest, found: AuditSink) -> HttpResponse:
    try:
        services.try_sink(found, actor=request.actor)
        messages.success(request, "It took a line that says it is a test.")
    except DomainError as fault:
        messages.error(request, f"It took nothing. {fault.cause} {fault.remedy}".strip())
    return redirect(request.path)


def _found(request: PageRequest, organization_id: str, sink_id: str) -> AuditSink:
    """For somebody who may change it. Raises NotFound, for another Organization's too."""
    organization = _organization(request, organization_id)
    found = AuditSink.objects.filter(organization=organization, pk=sink_id).first()
    if found is None:
        raise NotFound("There is no such sink.")
    require(request.actor, Permission.ORGANIZATION_UPDATE, organization)
    return found


def _organization(request: PageRequest, organization_id: str) -> Organization:
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_AUDIT_LOGS_GET, organization)
    return organization


def _crumbs(organization: Organization) -> tuple[Crumb, Crumb]:
    audit = reverse("accounts:audit", args=[organization.pk])
    own = reverse("accounts:audit_sinks", args=[organization.pk])
    return Crumb("Audit log", audit), Crumb("Sinks", own)
