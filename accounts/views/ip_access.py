"""From which networks an Organization may be used."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from access.permissions import Permission
from access.policy import require
from accounts import ip_trial, navigation, queries
from accounts.forms import IpAccessForm
from accounts.ip_ranges import named, parse, version, written
from accounts.ip_trial import Trial
from accounts.models import Organization
from accounts.routes import PageRequest
from accounts.services.ip_access import check_list, update_ip_access
from accounts.views.organization import tabs
from web import forms, render
from web.errors import Conflict, DomainError
from web.navigation import Crumb


def ip_access(request: PageRequest, organization_id: str) -> HttpResponse:
    """Show, try and save the list; whom it would shut out is shown before it is saved."""
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_IP_ACCESS_UPDATE, organization)
    initial = {
        "restricts": organization.restricts_ip,
        "ranges": written(organization),
        "seen": version(organization),
    }
    form = IpAccessForm(request.POST.dict() or None, initial=initial)
    trial, newer = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            trial = _go(request, organization, form)
            if trial is None:
                messages.success(request, "The list was saved and counts from now on.")
                return redirect(request.path)
        except Conflict as conflict:
            organization.refresh_from_db()
            newer = written(organization) or "(an empty list)"
            forms.put_back(form, conflict)
            _keep(form, seen=version(organization))
        except DomainError as refusal:
            forms.put_back(form, refusal)
    navigation.enter(request, organization, Crumb("IP access", request.path))
    context = {
        "organization": organization,
        "form": form,
        "trial": trial,
        "newer": newer,
        "is_asked": trial is not None and "try" not in request.POST,
        "own_address": request.actor.origin.source_ip,
        "tabs": tabs(request, organization),
    }
    status = 422 if context["is_asked"] else forms.status(form)
    return render.page(request, "accounts/ip_access.html", context, status=status)


def _go(request: PageRequest, organization: Organization, form: IpAccessForm) -> Trial | None:
    """None once it is saved; else what it would do, for the person to decide."""
    wanted = form.cleaned_data
    ranges = parse(wanted["ranges"])
    is_new = wanted["restricts"] and wanted["tried"] != named(ranges)
    if "try" in request.POST or is_new:
        check_list(ranges, restricts=wanted["restricts"], actor=request.actor)
        trial = ip_trial.of(organization, ranges, actor=request.actor)
        _keep(form, tried=named(ranges))
        if "try" in request.POST or trial.concerns_anybody:
            return trial
    update_ip_access(
        organization,
        ranges=ranges,
        restricts=wanted["restricts"],
        seen=wanted["seen"],
        actor=request.actor,
    )
    return None


def _keep(form: IpAccessForm, **hidden: str) -> None:
    """What the next sending of the form is to say, beside what the person typed."""
    form.data = {**form.data, **hidden}
