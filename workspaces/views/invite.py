"""Inviting to an Organization, with a first Workspace."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from access.permissions import Permission
from access.policy import require
from access.roles import Role
from accounts import navigation
from accounts import queries as accounts
from accounts.routes import PageRequest
from accounts.services import invitations
from accounts.views.invitations import made
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
        invitation = forms.submit(
            form,
            lambda values: invitations.invite(
                organization,
                email=values["email"],
                role=Role(values["role"]),
                workspace_roles=form.workspace_roles(),
                actor=request.actor,
            ),
        )
        if invitation:
            return made(request, invitation)
    people = Crumb("Members", reverse("accounts:members", args=[organization.pk]))
    navigation.enter(request, organization, people, Crumb("Invite", request.path))
    context = {"organization": organization, "form": form}
    return render.page(request, "accounts/invite.html", context, status=forms.status(form))
