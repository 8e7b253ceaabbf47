"""Members of an Organization: list, role, removal, leaving."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import refusal, require
from access.roles import ORGANIZATION_ROLES
from accounts import navigation, queries
from accounts.forms import ConfirmForm, role_choices
from accounts.grant_forms import MembershipForm
from accounts.models import Organization, OrganizationRoleBinding
from accounts.role_choices import choices
from accounts.routes import PageRequest
from accounts.services import members as services
from web import forms, render
from web.errors import InvalidInput
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb, Entry

LIST = ListSpec(
    sorts={"name": "user__full_name", "email": "user__email", "joined": "created_at"},
    default_sort="email",
    search_fields=("user__full_name", "user__email"),
    filters=(Filter("role", "Role", dict(role_choices(ORGANIZATION_ROLES))),),
)


def members(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    query = ListQuery(request, LIST)
    context = {
        "organization": organization,
        "query": query,
        "page": query.page(queries.members(request.actor, organization)),
        "tabs": tabs(request, organization),
        "refused": refusal(request.actor, Permission.ORGANIZATION_INVITES_CREATE, organization),
    }
    navigation.enter(request, organization, Crumb("Members", request.path))
    return render.page(request, "accounts/members.html", context, regions={"rows"})


def member(request: PageRequest, organization_id: str, user_id: str) -> HttpResponse:
    """One member: who it is, the role, and how to remove them."""
    organization = queries.organization(request.actor, organization_id)
    found = queries.member(request.actor, organization, user_id)
    form = MembershipForm(
        request.POST or None, options=choices(request.actor, organization), binding=found
    )
    if request.method == "POST" and forms.accepted(
        form,
        lambda _: services.change_member_role(
            found, **form.change(organization), actor=request.actor
        ),
    ):
        messages.success(request, f"{found.user} has another role now.")
        return redirect("accounts:members", organization.pk)
    _enter(request, organization, found)
    context = {
        "organization": organization,
        "member": found,
        "is_self": user_id == request.actor.principal.id,
        "form": form,
        "refused": refusal(request.actor, Permission.ORGANIZATION_USERS_UPDATE_ROLES, organization),
        "refused_removal": refusal(
            request.actor, Permission.ORGANIZATION_USERS_REMOVE, organization
        ),
    }
    return render.page(request, "accounts/member.html", context, status=forms.status(form))


def remove(request: PageRequest, organization_id: str, user_id: str) -> HttpResponse:
    """Remove a member, or leave, after the address was typed."""
    organization = queries.organization(request.actor, organization_id)
    found = queries.member(request.actor, organization, user_id)
    is_self = user_id == request.actor.principal.id
    if not is_self:
        require(request.actor, Permission.ORGANIZATION_USERS_REMOVE, organization)
    act = services.leave if is_self else services.remove_member
    form = ConfirmForm(request.POST or None)

    def go(values: dict[str, str]) -> None:
        _compare(values["confirmation"], found)
        act(found, actor=request.actor)

    if request.method == "POST" and forms.accepted(form, go):
        words = f"You left {organization}." if is_self else f"{found.user} was removed."
        messages.success(request, words)
        return redirect("/") if is_self else redirect("accounts:members", organization.pk)
    _enter(request, organization, found, Crumb("Remove", request.path))
    context = {"organization": organization, "member": found, "is_self": is_self, "form": form}
    return render.page(request, "accounts/member_remove.html", context, status=forms.status(form))


def tabs(request: PageRequest, organization: Organization) -> tuple[Entry, ...]:
    """People who are here and people who are asked in."""
    entries = [("Members", "members", Permission.ORGANIZATION_USERS_GET)]
    entries += [("Teams", "teams", Permission.ORGANIZATION_TEAMS_GET)]
    entries += [("Invitations", "invitations", Permission.ORGANIZATION_INVITES_GET)]
    allowed = request.actor.permissions_on(organization)
    found = [
        (label, reverse(f"accounts:{route}", args=[organization.pk]))
        for label, route, permission in entries
        if permission in allowed
    ]
    return tuple(Entry(label, url, is_current=url == request.path) for label, url in found)


def _compare(typed: str, member: OrganizationRoleBinding) -> None:
    email = member.user.email if member.user else ""
    if typed.strip().lower() != email:
        raise InvalidInput("Not the same address.", fields={"confirmation": f"Type {email}"})


def _enter(
    request: PageRequest,
    organization: Organization,
    member: OrganizationRoleBinding,
    *crumbs: Crumb,
) -> None:
    people = Crumb("Members", reverse("accounts:members", args=[organization.pk]))
    here = reverse("accounts:member", args=[organization.pk, member.user_id])
    navigation.enter(request, organization, people, Crumb(str(member.user), here), *crumbs)
