"""API tokens of a Deployment, below its Access tab: their pages are those of every scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from access.actor import Actor
from access.permissions import Permission
from access.roles import Role
from accounts.models import Organization
from accounts.views.tokens import Deeds, TokenPlace, routes
from deployments import queries
from deployments.models import Deployment
from deployments.services import tokens as services
from deployments.views.access import sections
from deployments.views.deploys import recipes
from deployments.views.place import enter
from deployments.views.routes import PageRequest
from web.navigation import Crumb


def _enter(request: PageRequest, deployment: Deployment, *_crumbs: Crumb) -> dict[str, Any]:
    shown = enter(request, deployment, tab="access")
    return shown | {"sections": sections(request, deployment, current="tokens")}


def _within(actor: Actor, organization: Organization) -> Iterator[tuple[str, str]]:
    rows = Deployment.objects.present().visible_to(actor, Permission.DEPLOYMENT_API_TOKENS_CREATE)
    rows = rows.filter(organization=organization).select_related("workspace")
    for each in rows.order_by("workspace__name", "name").iterator():
        yield each.pk, f"{each.workspace} / {each}"


PLACE = TokenPlace(
    home=services.HOME,
    namespace="deployments",
    find=queries.deployment,
    enter=_enter,
    layout="deployments/access/tokens.html",
    within=_within,
    usual_role=Role.DEPLOYMENT_ADMIN,
    recipe=lambda deployment, value: recipes.curl(deployment, token=value),
    deeds=Deeds(
        create=services.create,
        update=services.update,
        rotate=services.rotate,
        delete=services.delete,
        attach=services.attach,
        detach=services.detach,
        attachable=services.attachable,
    ),
)
urlpatterns = routes(PLACE, "deployments/<str:subject_id>/access/tokens/")
