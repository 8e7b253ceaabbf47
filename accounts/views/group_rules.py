"""Which groups of the identity provider give which Teams and roles."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from access.permissions import Permission
from access.policy import require
from accounts import navigation, queries
from accounts.group_rule_forms import GroupRuleForm
from accounts.group_rules import heard
from accounts.group_rules.steps import Step
from accounts.models import GroupRule, Organization
from accounts.routes import PageRequest
from accounts.services import group_rules as services
from accounts.views.organization import tabs
from web import forms, render
from web.errors import DomainError, NotFound
from web.navigation import Crumb

_SHOWN = 100
"""People whom a preview names."""


def rules(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = _organization(request, organization_id)
    found = GroupRule.objects.filter(organization=organization)
    found = found.select_related("team", "custom_role", "created_by")
    context = {
        "organization": organization,
        "rules": [(each, *services.place_of(each, request.actor)) for each in found],
        "tabs": tabs(request, organization),
    }
    navigation.enter(request, organization, Crumb("Group rules", request.path))
    return render.page(request, "accounts/group_rules/list.html", context)


def create(request: PageRequest, organization_id: str) -> HttpResponse:
    return _edit(request, _organization(request, organization_id), None)


def rule(request: PageRequest, organization_id: str, rule_id: str) -> HttpResponse:
    """Change or remove one; both show first what they would do."""
    organization = _organization(request, organization_id)
    found = GroupRule.objects.select_related("team", "custom_role", "organization")
    found_rule = found.filter(organization=organization, pk=rule_id).first()
    if found_rule is None:
        raise NotFound("This rule was removed, or never existed.")
    if "remove" in request.POST:
        services.remove_group_rule(found_rule, actor=request.actor)
        messages.success(request, "The rule was removed, with what it alone gave.")
        return redirect("accounts:group_rules", organization.pk)
    return _edit(request, organization, found_rule)


def _edit(
    request: PageRequest, organization: Organization, found: GroupRule | None
) -> HttpResponse:
    is_removal = "look_at_removal" in request.POST
    form = GroupRuleForm(
        request.POST.dict() if request.method == "POST" and not is_removal else None,
        organization=organization,
        places=services.places(request.actor, organization),
        rule=found,
    )
    effects: list[Step] | None = None
    if is_removal:
        effects = _preview(request, organization, None, found)
    elif request.method == "POST" and form.is_valid():
        try:
            effects = _go(request, organization, form, found)
            if effects is None:
                messages.success(request, "The rule counts from now on.")
                return redirect("accounts:group_rules", organization.pk)
        except DomainError as refusal:
            if found is not None:
                found.refresh_from_db()
                _keep(form, seen=found.version)
            forms.put_back(form, refusal)
    return _page(request, organization, found, form, effects, is_removal=is_removal)


def _go(
    request: PageRequest, organization: Organization, form: GroupRuleForm, found: GroupRule | None
) -> list[Step] | None:
    """None once it is saved; else what it would change, for the person to decide."""
    wish = form.wish()
    if "look" in request.POST or form.cleaned_data["tried"] != form.written:
        effects = _preview(request, organization, wish, found)
        _keep(form, tried=form.written)
        if "look" in request.POST or effects:
            return effects
    if found is None:
        services.create_group_rule(organization, wish=wish, actor=request.actor)
    else:
        seen = form.cleaned_data["seen"] or None
        services.change_group_rule(found, wish=wish, seen=seen, actor=request.actor)
    return None


def _preview(
    request: PageRequest,
    organization: Organization,
    wish: services.Wish | None,
    found: GroupRule | None,
) -> list[Step]:
    return services.preview(organization, wish=wish, instead_of=found, actor=request.actor)


def _keep(form: GroupRuleForm, **values: str) -> None:
    """What the next save is measured by."""
    form.data = {**form.data, **values}


def _page(
    request: PageRequest,
    organization: Organization,
    found: GroupRule | None,
    form: GroupRuleForm,
    effects: list[Step] | None,
    *,
    is_removal: bool,
) -> HttpResponse:
    list_url = reverse("accounts:group_rules", args=[organization.pk])
    title = found.group if found else "New"
    navigation.enter(
        request, organization, Crumb("Group rules", list_url), Crumb(title, request.path)
    )
    is_asked = effects is not None and "look" not in request.POST
    context: dict[str, Any] = {
        "organization": organization,
        "rule": found,
        "form": form,
        "effects": effects and effects[:_SHOWN],
        "others": len(effects or ()) - _SHOWN,
        "is_looked_at": effects is not None,
        "is_asked": is_asked,
        "is_removal": is_removal,
        "groups": heard.names(organization),
        "list_url": list_url,
    }
    status = 422 if is_asked else forms.status(form)
    return render.page(request, "accounts/group_rules/rule.html", context, status=status)


def _organization(request: PageRequest, organization_id: str) -> Organization:
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_SSO_CONNECTIONS_UPDATE, organization)
    return organization
