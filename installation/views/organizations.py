"""Organizations as the operator of the installation keeps them: made, suspended, resumed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Installation, Organization
from accounts.services import tenants
from installation import queries
from installation.forms import OrganizationForm, SuspensionForm
from installation.navigation import enter
from installation.routes import PageRequest
from web import forms, render
from web.errors import InvalidInput
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb

LIST = ListSpec(
    sorts={"name": "name", "created": "created_at"},
    default_sort="name",
    search_fields=("name", "id"),
    filters=(Filter("status", "Status", dict(Organization.Status.choices)),),
)


def index(request: PageRequest) -> HttpResponse:
    query = ListQuery(request, LIST)
    context = {"query": query, "page": query.page(queries.organizations(request.actor))}
    enter(request, _crumb())
    return render.page(request, "installation/organizations.html", context, regions={"rows"})


def create(request: PageRequest) -> HttpResponse:
    """Make one; the Owner's link, where there is one, is shown this once."""
    form = OrganizationForm(request.POST or None)
    if request.method == "POST":
        made = forms.submit(
            form,
            lambda values: tenants.create_organization(
                Installation.current(), **values, actor=request.actor
            ),
        )
        if made:
            return _made(request, made, email=form.cleaned_data["owner_email"])
    enter(request, _crumb(), Crumb("New", request.path))
    return render.page(
        request, "installation/organization_new.html", {"form": form}, status=forms.status(form)
    )


def detail(request: PageRequest, organization_id: str) -> HttpResponse:
    """What the installation knows of it, and nothing of its content."""
    organization = queries.organization(request.actor, organization_id)
    enter(request, _crumb(), Crumb(organization.name, request.path))
    context = {"organization": organization}
    return render.page(request, "installation/organization.html", context)


def suspend(request: PageRequest, organization_id: str) -> HttpResponse:
    """Suspend it after its name was typed; the page says what that does."""
    organization = queries.organization(request.actor, organization_id)
    form = SuspensionForm(request.POST or None, initial={"contact": request.user.email})

    def go(values: dict[str, str]) -> None:
        _compare(values.pop("confirmation"), organization)
        tenants.suspend(organization, **values, actor=request.actor)

    if request.method == "POST" and forms.accepted(form, go):
        messages.success(request, f"{organization} is suspended. Resume undoes it.")
        return redirect("installation:organization", organization.pk)
    here = reverse("installation:organization", args=[organization.pk])
    enter(request, _crumb(), Crumb(organization.name, here), Crumb("Suspend", request.path))
    context = {"organization": organization, "form": form}
    return render.page(
        request, "installation/organization_suspend.html", context, status=forms.status(form)
    )


def resume(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    tenants.resume(organization, actor=request.actor)
    messages.success(request, f"{organization} is active again; what slept for this wakes.")
    return redirect("installation:organization", organization.pk)


def _made(request: PageRequest, organization: Organization, *, email: str) -> HttpResponse:
    """The link is not kept, so no redirect stands between."""
    enter(request, _crumb(), Crumb(organization.name, request.path))
    context = {"organization": organization, "email": email}
    response = render.page(request, "installation/organization_made.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _compare(typed: str, organization: Organization) -> None:
    if typed.strip() != organization.name:
        raise InvalidInput(
            "Not the same name.", fields={"confirmation": f"Type {organization.name}"}
        )


def _crumb() -> Crumb:
    return Crumb("Organizations", reverse("installation:organizations"))
