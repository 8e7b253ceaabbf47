"""The settings of a Deployment, with what saving them would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from deployments import queries, services
from deployments.forms import SettingsForm
from deployments.lifecycle import RETENTION
from deployments.models import Deployment
from deployments.services.update import (
    RESTARTS_FOR,
    DeploymentChange,
    changes,
    current,
    fingerprint,
)
from deployments.services.wishes import StaleForm
from deployments.spec import PARALLELISM
from deployments.views import choices
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import DomainError

_FIELDS = tuple(DeploymentChange.__dataclass_fields__)


@dataclass(frozen=True)
class Change:
    """One line of the panel "what will change"."""

    label: str
    before: str
    after: str
    effect: str = ""


def settings(request: PageRequest, deployment_id: str) -> HttpResponse:
    """Show and save the settings. A stale form keeps its input and shows both sides."""
    deployment = queries.deployment(request.actor, deployment_id)
    form = SettingsForm(request.POST or None, initial=_beginning(deployment))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _save(request, deployment, form)
            except DomainError as error:
                status = error.status
                form = _shown_again(request, deployment, form, error)
            else:
                return redirect("deployments:settings", deployment_id)
    context = enter(request, deployment, tab="settings") | _context(deployment, form)
    return render.page(request, "deployments/settings.html", context, status=status)


@require_POST
def preview(request: PageRequest, deployment_id: str) -> HttpResponse:
    """What saving the form as it stands would change; nothing is stored."""
    deployment = queries.deployment(request.actor, deployment_id)
    form = SettingsForm(request.POST, initial=_beginning(deployment))
    context = {"changes": _changes(deployment, form)}
    return render.page(request, "deployments/changes.html", context)


def _save(request: PageRequest, deployment: Deployment, form: SettingsForm) -> None:
    before = deployment.generation
    saved = services.update(
        deployment,
        wanted=_wanted(form.cleaned_data),
        loaded=form.cleaned_data["loaded"],
        actor=request.actor,
    )
    is_restarting = saved.generation > before and not saved.is_asleep
    messages.success(request, "Saved. Airflow restarts." if is_restarting else "Saved.")


def _wanted(given: Mapping[str, Any]) -> DeploymentChange:
    return DeploymentChange(**{name: given[name] for name in _FIELDS})


def _shown_again(
    request: PageRequest, deployment: Deployment, form: SettingsForm, error: DomainError
) -> SettingsForm:
    """The same input with the refusal; after a conflict it counts from the present settings."""
    if isinstance(error, StaleForm):
        deployment.refresh_from_db()
        given = request.POST.copy()
        given["loaded"] = fingerprint(deployment)
        form = SettingsForm(given, initial=_beginning(deployment))
        form.is_valid()
    form.show(error)
    return form


def _beginning(deployment: Deployment) -> dict[str, Any]:
    now = current(deployment)
    values = {name: getattr(now, name) for name in _FIELDS}
    return values | {"loaded": fingerprint(deployment)}


def _context(deployment: Deployment, form: SettingsForm) -> dict[str, Any]:
    return {
        "form": form,
        "executors": choices.executors(str(form["executor"].value())),
        "sizes": choices.sizes(str(form["scheduler_size"].value())),
        "changes": _changes(deployment, form) if form.is_bound else [],
        "preview_url": reverse("deployments:settings_preview", args=[deployment.pk]),
        "is_development": deployment.is_development_mode,
        "retention": RETENTION.days,
    }


def _changes(deployment: Deployment, form: SettingsForm) -> list[Change]:
    """From the present settings to those of the form, as far as the form can be read."""
    form.is_valid()
    now = current(deployment)
    values = {name: form.cleaned_data.get(name, getattr(now, name)) for name in _FIELDS}
    wanted = DeploymentChange(**values)
    effect = "takes effect on waking" if deployment.is_asleep else "restarts Airflow"
    return [
        Change(
            str(form[name].label),
            _words(name, getattr(now, name)),
            _words(name, getattr(wanted, name)),
            effect if name in RESTARTS_FOR else "",
        )
        for name in changes(deployment, wanted)
    ]


def _words(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if name == "scheduler_size":
        size = Deployment.SchedulerSize(str(value))
        return f"{size.label} ({PARALLELISM[size]} tasks at once)"
    if name == "executor":
        return Deployment.Executor(str(value)).label
    return str(value) or "none"


urlpatterns = [
    page("deployments/<str:deployment_id>/settings/", settings, "settings"),
    page("deployments/<str:deployment_id>/settings/preview/", preview, "settings_preview"),
]
