"""The API tokens of a scope, and the form that makes one."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.forms import role_choices
from accounts.models import ApiToken
from accounts.role_choices import ROLES_OF, choices
from accounts.routes import PageRequest
from accounts.token_forms import TokenForm
from accounts.views.tokens.place import TokenPlace
from web import forms
from web.lists import Filter, ListQuery, ListSpec
from web.navigation import Crumb


def listing(request: PageRequest, place: TokenPlace, subject_id: str) -> HttpResponse:
    subject = place.enter_list(request, subject_id)
    query = ListQuery(request, _spec(place))
    context = {
        "query": query,
        "page": query.page(place.home.held(subject)),
        "new_url": place.url("token_new", subject.pk),
        "attach_url": place.url("token_attach", subject.pk) if place.deeds.attach else "",
    }
    return place.page(request, subject, "list", context, regions=("rows",))


def new(request: PageRequest, place: TokenPlace, subject_id: str) -> HttpResponse:
    """Make a token; the answer shows its value, once, and is kept nowhere."""
    subject = place.enter_list(request, subject_id, "create")
    form = TokenForm(
        request.POST or None,
        options=choices(request.actor, subject),
        initial={"role": place.usual_role},
        organization=place.home.organization(subject),
    )
    if request.method == "POST":
        made = forms.submit(
            form, lambda values: place.deeds.create(subject, **values, actor=request.actor)
        )
        if made:
            return shown_once(request, place, subject, made)
    here = Crumb("New", request.path)
    context = {"form": form, "heading": "New API token"}
    return place.page(request, subject, "new", context, here, status=forms.status(form))


def shown_once(
    request: PageRequest, place: TokenPlace, subject: object, token: ApiToken
) -> HttpResponse:
    """The page with a value that was just made. It is not kept, so no redirect stands between."""
    context = {
        "token": token,
        "value": token.value,
        "recipe": place.recipe(subject, token.value),
        "heading": token.name,
    }
    response = place.page(request, subject, "made", context, Crumb(token.name, ""))
    response["Cache-Control"] = "no-store"
    return response


def _spec(place: TokenPlace) -> ListSpec:
    return ListSpec(
        sorts={
            "name": "api_token__name",
            "created": "api_token__created_at",
            "used": "api_token__last_used_at",
            "expires": "api_token__expires_at",
        },
        default_sort="name",
        search_fields=("api_token__name", "api_token__description", "api_token__prefix"),
        filters=(Filter("role", "Role", dict(role_choices(ROLES_OF[place.home.kind]))),),
    )
