"""One connection to an identity provider: its settings, its test, its state."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.forms import ConfirmForm
from accounts.models import Organization, SsoConnection
from accounts.routes import PageRequest
from accounts.services import sso_connections as services
from accounts.services import sso_metadata
from accounts.sso import arrivals, guides, trials
from accounts.sso.claims import SignInRefused
from accounts.sso.flows import Purpose
from accounts.sso.saml import watching
from accounts.sso_forms import FORMS
from accounts.views.sso import doors, place
from audit.models import AuditRecord, Outcome
from web import forms, render
from web.errors import Conflict, InvalidInput, NotFound
from web.navigation import Crumb

_MOST_REFUSALS = 5


def new(request: PageRequest, organization_id: str, kind: str) -> HttpResponse:
    owner = place.organization(request, organization_id, to=place.CONNECTIONS)
    if kind not in FORMS:
        raise NotFound("There is no such kind of connection.")
    form = FORMS[kind](owner, None, request.POST or None)
    if request.method == "POST":
        made = forms.submit(
            form,
            lambda values: services.create_connection(
                owner, kind=kind, values=values, actor=request.actor
            ),
        )
        if made:
            messages.success(request, f"{made} is set up. Run its test before it is activated.")
            return redirect("accounts:sso_connection", owner.pk, made.pk)
    title = f"Connect by {SsoConnection.Kind(kind).label}"
    return _form(request, owner, form, title, Crumb(title, request.path), kind=kind)


def edit(request: PageRequest, organization_id: str, connection_id: str) -> HttpResponse:
    found = place.connection(request, organization_id, connection_id)
    owner = found.organization
    form = FORMS[found.kind](owner, found, request.POST or None)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.update_connection(
            found, values=values, seen=values["seen"], actor=request.actor
        ),
    ):
        messages.success(request, "The connection was changed.")
        return redirect("accounts:sso_connection", owner.pk, found.pk)
    crumbs = (place.crumb(found), Crumb("Edit", request.path))
    return _form(request, owner, form, f"Edit {found}", *crumbs, kind=found.kind)


def connection(request: PageRequest, organization_id: str, connection_id: str) -> HttpResponse:
    """What the provider needs, what is set, and what is left to do."""
    found = place.connection(request, organization_id, connection_id)
    place.enter(request, found.organization, Crumb(found.name, request.path))
    refused = AuditRecord.objects.filter(
        organization_id=found.organization_id,
        action="accounts.sso_sign_in",
        outcome=Outcome.REFUSED,
        target_id=found.pk,
    )
    signing, now = watching.of(found), timezone.now()
    context = {
        "connection": found,
        "guide": guides.page(found),
        "sign_in_uri": found.url("login"),
        "certificates": [(each, each.is_ending(now), each.has_ended(now)) for each in signing],
        "domains": found.domains.all(),
        "people": found.identities.count(),
        "refusals": refused.order_by("-pk")[:_MOST_REFUSALS],
    }
    return render.page(request, f"sso/{found.kind.lower()}.html", context)


def start_test(request: PageRequest, organization_id: str, connection_id: str) -> HttpResponse:
    """Lead to the provider and back to the page of the result; nobody is signed in by it."""
    found = place.connection(request, organization_id, connection_id)
    try:
        return doors.leave(request, found, purpose=Purpose.TEST)
    except SignInRefused as refusal:
        arrivals.note_refusal(request, found, refusal)
        trials.keep_failure(request, found, refusal)
        return trials.page(found)


def test(request: PageRequest, organization_id: str, connection_id: str) -> HttpResponse:
    """What the last test in this browser received, and what would have happened."""
    found = place.connection(request, organization_id, connection_id)
    place.enter(request, found.organization, place.crumb(found), Crumb("Test", request.path))
    context = {"connection": found, "result": trials.last(request, found)}
    return render.page(request, "sso/test.html", context)


def activate(request: PageRequest, organization_id: str, connection_id: str) -> HttpResponse:
    found = place.connection(request, organization_id, connection_id)
    services.activate_connection(found, actor=request.actor)
    messages.success(request, f"People of its domains sign in by {found} from now on.")
    return redirect("accounts:sso_connection", organization_id, connection_id)


def turn_off(request: PageRequest, organization_id: str, connection_id: str) -> HttpResponse:
    found = place.connection(request, organization_id, connection_id)
    services.turn_off_connection(found, actor=request.actor)
    messages.success(request, f"Nobody signs in by {found} any more. Open sessions go on.")
    return redirect("accounts:sso_connection", organization_id, connection_id)


def refresh(request: PageRequest, organization_id: str, connection_id: str) -> HttpResponse:
    """Read the provider's metadata now instead of within a day."""
    found = place.connection(request, organization_id, connection_id)
    try:
        sso_metadata.refresh(found, actor=request.actor)
        messages.success(request, "The metadata was read, and is in use as it says.")
    except (InvalidInput, Conflict) as fault:
        words = f"The metadata was not taken over. {fault.cause} {fault.remedy}".strip()
        messages.error(request, f"{words} The connection goes on as it is.")
    return redirect("accounts:sso_connection", organization_id, connection_id)


def delete(request: PageRequest, organization_id: str, connection_id: str) -> HttpResponse:
    """Ask for the name, then delete."""
    found = place.connection(request, organization_id, connection_id)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and forms.accepted(
        form,
        lambda values: services.delete_connection(
            found, typed_name=values["confirmation"], actor=request.actor
        ),
    ):
        messages.success(request, "The connection was deleted.")
        return redirect("accounts:sso", organization_id)
    place.enter(request, found.organization, place.crumb(found), Crumb("Delete", request.path))
    context = {"connection": found, "form": form}
    return render.page(request, "sso/connection_delete.html", context, status=forms.status(form))


def _form(
    request: PageRequest, owner: Organization, form: Any, title: str, *crumbs: Crumb, kind: str
) -> HttpResponse:
    place.enter(request, owner, *crumbs)
    context = {"organization": owner, "form": form, "title": title, "kind": kind}
    return render.page(request, "sso/connection_form.html", context, status=forms.status(form))
