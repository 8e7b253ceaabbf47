"""The Access tab: who may use the Deployment, and its API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.policy import require
from accounts.models import ApiToken
from deployments import access_queries, queries
from deployments.models import Deployment
from deployments.services import tokens
from deployments.views.deploys import recipes
from deployments.views.offers import missing_role
from deployments.views.place import enter
from deployments.views.routes import PageRequest, page
from web import render
from web.errors import InvalidInput, NotFound


class TokenForm(forms.Form):
    """Its role is Deployment Admin: what a pipeline needs, and no more than this Deployment."""

    name = forms.CharField(max_length=256, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    description = forms.CharField(max_length=500, required=False)
    days = forms.IntegerField(
        label="Expires after days",
        min_value=1,
        max_value=3650,
        required=False,
        help_text="From 1 to 3650. Left empty, it never expires.",
    )


def access(request: PageRequest, deployment_id: str) -> HttpResponse:
    deployment = queries.deployment(request.actor, deployment_id)
    require(request.actor, Permission.DEPLOYMENT_USERS_GET, deployment)
    form = TokenForm(request.POST or None)
    made: ApiToken | None = None
    if request.method == "POST" and form.is_valid():
        made = _create(request, deployment, form)
        form = TokenForm()
    return _page(request, deployment, form=form, made=made)


@require_POST
def rotate(request: PageRequest, deployment_id: str, token_id: str) -> HttpResponse:
    """Show a new value, once."""
    deployment = queries.deployment(request.actor, deployment_id)
    made = tokens.rotate(deployment, token_id=token_id, actor=request.actor)
    return _page(request, deployment, form=TokenForm(), made=made)


def delete(request: PageRequest, deployment_id: str, token_id: str) -> HttpResponse:
    """Ask for the name, then delete."""
    deployment = queries.deployment(request.actor, deployment_id)
    require(request.actor, Permission.DEPLOYMENT_API_TOKENS_GET, deployment)
    token = tokens.of(deployment).filter(pk=token_id).first()
    if token is None:
        raise NotFound("This API token was deleted already.", remedy="Go back to the list.")
    context = {**enter(request, deployment, tab="access"), "token": token}
    if request.method != "POST":
        return render.page(request, "deployments/access/delete.html", context)
    typed = request.POST.get("confirmation", "").strip()
    try:
        tokens.delete(deployment, token_id=token_id, typed_name=typed, actor=request.actor)
    except InvalidInput as error:
        context["error"] = error.cause
        return render.page(request, "deployments/access/delete.html", context, status=422)
    return redirect("deployments:access", deployment_id)


def _create(request: PageRequest, deployment: Deployment, form: TokenForm) -> ApiToken:
    days = form.cleaned_data["days"]
    return tokens.create(
        deployment,
        name=form.cleaned_data["name"],
        description=form.cleaned_data["description"],
        lifetime=timedelta(days=days) if days else None,
        actor=request.actor,
    )


def _page(
    request: PageRequest, deployment: Deployment, *, form: TokenForm, made: ApiToken | None
) -> HttpResponse:
    allowed = request.actor.permissions_on(deployment)
    context: dict[str, Any] = {
        **enter(request, deployment, tab="access"),
        "holders": access_queries.holders(deployment),
        "give_person_refusal": missing_role(Permission.DEPLOYMENT_USERS_CREATE, allowed),
        "give_team_refusal": missing_role(Permission.DEPLOYMENT_TEAMS_CREATE, allowed),
        "form": form,
        "made": made,
        "recipe": recipes.curl(deployment, token=made.value) if made else "",
        "may_see_tokens": Permission.DEPLOYMENT_API_TOKENS_GET in allowed,
        "create_refusal": missing_role(Permission.DEPLOYMENT_API_TOKENS_CREATE, allowed),
        "rotate_refusal": missing_role(Permission.DEPLOYMENT_API_TOKENS_ROTATE, allowed),
        "delete_refusal": missing_role(Permission.DEPLOYMENT_API_TOKENS_DELETE, allowed),
    }
    if context["may_see_tokens"]:
        rows = list(tokens.of(deployment))
        roles = access_queries.roles_of(rows)
        context["tokens"] = [(row, roles.get(row.pk, "")) for row in rows]
    status = 422 if form.is_bound and form.errors else 200
    response = render.page(request, "deployments/access/access.html", context, status=status)
    if made:
        response["Cache-Control"] = "no-store"
    return response


_TOKEN = "deployments/<str:deployment_id>/access/tokens/<str:token_id>"  # noqa: S105
urlpatterns = [
    page("deployments/<str:deployment_id>/access/", access, "access"),
    page(f"{_TOKEN}/rotate/", rotate, "token_rotate"),
    page(f"{_TOKEN}/delete/", delete, "token_delete"),
]
