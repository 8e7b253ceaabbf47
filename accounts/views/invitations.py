"""Invitations as the inviter sees them, and the page behind their link."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from access.permissions import Permission
from access.policy import refusal
from access.roles import ORGANIZATION_ROLES, Role
from accounts import navigation, queries
from accounts.forms import role_choices
from accounts.models import Invitation, User
from accounts.navigation import home_url
from accounts.routes import PageRequest
from accounts.services import invitations as services
from accounts.services.inviting import Invited
from accounts.views.members import tabs
from web import render
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb

LIST = ListSpec(
    sorts={"email": "email", "sent": "created_at", "expires": "expires_at"},
    default_sort="-sent",
    search_fields=("email",),
    filters=(Filter("role", "Role", dict(role_choices(ORGANIZATION_ROLES))),),
)
SESSION_KEY = "invitation"


def invitations(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    query = ListQuery(request, LIST)
    context = {
        "organization": organization,
        "query": query,
        "page": query.page(queries.invitations(request.actor, organization)),
        "tabs": tabs(request, organization),
        "refused": refusal(request.actor, Permission.ORGANIZATION_INVITES_CREATE, organization),
    }
    navigation.enter(request, organization, Crumb("Invitations", request.path))
    return render.page(request, "accounts/invitations.html", context, regions={"rows"})


def renew(request: PageRequest, organization_id: str, invitation_id: str) -> HttpResponse:
    """Make a new link, and show it this once."""
    organization = queries.organization(request.actor, organization_id)
    found = queries.invitation(request.actor, organization, invitation_id)
    return made(request, services.renew_invitation(found, actor=request.actor))


def revoke(request: PageRequest, organization_id: str, invitation_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    found = queries.invitation(request.actor, organization, invitation_id)
    services.revoke_invitation(found, actor=request.actor)
    messages.success(request, f"The invitation of {found.email} was revoked.")
    return redirect("accounts:invitations", organization.pk)


def made(request: PageRequest, invitation: Invitation) -> HttpResponse:
    """The page with a link that was just made. It is not kept, so no redirect stands between."""
    back = Crumb("Invitations", reverse("accounts:invitations", args=[invitation.organization_id]))
    navigation.enter(request, invitation.organization, back, Crumb(invitation.email, back.url))
    allowed = request.actor.permissions_on(invitation.organization)
    context = {
        "invitation": invitation,
        "link": invitation.link,
        "role": Role(invitation.role).label,
        "may_list": Permission.ORGANIZATION_INVITES_GET in allowed,
    }
    response = render.page(request, "accounts/invitation_made.html", context)
    response["Cache-Control"] = "no-store"
    return response


def all_made(request: PageRequest, told: Invited) -> HttpResponse:
    """The page with the links of a whole list, and what became of the rest of it."""
    organization = told.made[0].organization
    back = Crumb("Invitations", reverse("accounts:invitations", args=[organization.pk]))
    navigation.enter(request, organization, back, Crumb(f"{len(told.made)} made", back.url))
    context = {"organization": organization, "told": told, "role": Role(told.made[0].role).label}
    response = render.page(request, "accounts/invitations_made.html", context)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
def follow_link(request: HttpRequest, invitation_id: str, secret: str) -> HttpResponse:
    """Check the link, then leave its secret behind: the session remembers which it was.

    Refused or not, the answer is a redirect, for the address of an error goes into the log.
    """
    try:
        request.session[SESSION_KEY] = services.find(invitation_id, secret).pk
    except services.LinkEnded:
        request.session.pop(SESSION_KEY, None)
    return redirect("accounts:invitation")


@never_cache
def invitation(request: HttpRequest) -> HttpResponse:
    """What the person is invited to, and the next step: sign up, sign in, or join.

    Whether the address has an account is not said: its inviter has the link, too.
    """
    found = services.open_invitation(request.session.get(SESSION_KEY, ""))
    user = request.user if isinstance(request.user, User) else None
    context = {
        "invitation": found,
        "role": Role(found.role).label,
        "is_right_person": user is not None and user.email == found.email,
    }
    return render.page(request, "accounts/invitation.html", context)


def accept(request: PageRequest) -> HttpResponse:
    found = services.open_invitation(request.session.get(SESSION_KEY, ""))
    organization = services.accept(found, request.user, actor=request.actor)
    request.session.pop(SESSION_KEY, None)
    messages.success(request, f"Welcome to {organization}.")
    return redirect(home_url(organization))
