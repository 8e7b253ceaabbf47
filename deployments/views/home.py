"""Where people land: the start, and the home of an Organization with the health of it all."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.cache import never_cache

from access.permissions import Permission
from access.policy import refusal
from accounts import ip_access, navigation, suspension
from accounts import queries as accounts
from accounts.navigation import current_organization, home_url
from accounts.routes import PageRequest, page
from deployments import summary
from deployments.views.lists import cannot_create_anywhere
from web import navigation as frame
from web import render
from workspaces import queries as workspaces


@never_cache
def start(request: PageRequest) -> HttpResponse:
    """Lead to the Organization that this person looked at last, or say how to join one.

    Raises OrganizationSuspended where all of theirs are, and AddressNotAdmitted where none admits
    the address that they come from.
    """
    organization = current_organization(request)
    if organization:
        return redirect(home_url(organization))
    reason = suspension.explain_any(request.actor.principal) or ip_access.explain_any(request.actor)
    if reason:
        raise reason
    frame.enter(request, scope="")
    return render.page(request, "no_organization.html", {"email": request.user.email})


def home(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = accounts.organization(request.actor, organization_id)
    navigation.enter(request, organization)
    visible = workspaces.listed(request.actor, organization).order_by("name")
    recent = summary.recent_operations(request.actor, organization)
    context = {
        "organization": organization,
        "health": summary.health(request.actor, organization),
        "attention": summary.needing_attention(request.actor, organization),
        "operations": recent,
        "refused_deployment": "" if recent else cannot_create_anywhere(request, organization),
        "workspaces": visible[:6],
        "refused_workspace": refusal(
            request.actor, Permission.ORGANIZATION_WORKSPACES_CREATE, organization
        ),
    }
    return render.page(request, "home.html", context)


urlpatterns = [
    path("", login_required(start), name="start"),
    page("organizations/<str:organization_id>/", home, "home"),
]
