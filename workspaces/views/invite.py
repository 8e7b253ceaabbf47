"""Inviting to an Organization, with a first Workspace."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from access.permissions import Permission
from access.policy import require
from accounts import navigation
from accounts import queries as accounts
from accounts.routes import PageRequest
from accounts.services.inviting import invite_all
from accounts.views.invitations import all_made, made
from web import forms, render
from web.navigation import Crumb
from workspaces import queries
from workspaces.forms import InviteForm

_MOST_CHOICES = 200


def invite(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = accounts.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_INVITES_CREATE, organization)
    choices = queries.workspaces(request.actor).filter(organization=organization)[:_MOST_CHOICES]
    form = InviteForm(
        request.POST or None,
        workspaces=list(choices),
        initial={"email": request.GET.get("email", "")},
    )
    if request.method == "POST":
        told = forms.submit(
            form, lambda _: invite_all(organization, **form.offer(), actor=request.actor)
        )
        if told:
            return made(request, told.made[0]) if told.is_simple else all_made(request, told)
    people = Crumb("Members", reverse("accounts:members", args=[organization.pk]))
    navigation.enter(request, organization, people, Crumb("Invite", request.path))
    context = {"organization": organization, "form": form}
    return render.page(request, "accounts/invite.html", context, status=forms.status(form))
