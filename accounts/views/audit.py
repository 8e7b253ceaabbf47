"""The audit log of an Organization."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse

from access.actions import registry
from access.permissions import Permission
from access.policy import require
from accounts import navigation, queries
from accounts.routes import PageRequest
from accounts.services import keeping
from accounts.views import audit_filters
from audit.export import CONTENT_TYPE, lines
from audit.models import Outcome
from audit.queries import TimedQuery, of_organization, shown
from web import render
from web.lists import Filter, ListSpec
from web.navigation import Crumb

_MOST_PEOPLE = 200


def audit(request: PageRequest, organization_id: str) -> HttpResponse:
    organization = queries.organization(request.actor, organization_id)
    require(request.actor, Permission.ORGANIZATION_AUDIT_LOGS_GET, organization)
    members = queries.members(request.actor, organization).order_by("user__email")
    people = dict(members.values_list("user_id", "user__email")[:_MOST_PEOPLE])
    asked = request.GET.get("actor", "").replace("\x00", "")
    known = people if not asked else {asked: asked} | people
    query = TimedQuery(request, _spec(known))
    page = query.page(of_organization(organization.pk))
    export_url = reverse("accounts:audit_export", args=[organization.pk])
    context = {
        "organization": organization,
        "query": query,
        "page": page,
        "filters": audit_filters.of(request, organization),
        "filters_url": reverse("accounts:audit_filters", args=[organization.pk]),
        "sinks_url": reverse("accounts:audit_sinks", args=[organization.pk]),
        "export_url": f"{export_url}?{query.narrowing}",
        "entries": [shown(row) for row in page.rows],
    }
    navigation.enter(request, organization, Crumb("Audit log", request.path))
    return render.page(request, "audit/list.html", context, regions={"rows"})


def export(request: PageRequest, organization_id: str) -> StreamingHttpResponse:
    """What the page shows with the same address, all of it, as newline-delimited JSON."""
    organization = queries.organization(request.actor, organization_id)
    asked = request.GET.get("actor", "").replace("\x00", "")
    query = TimedQuery(request, _spec({asked: asked}))
    keeping.export_audit(organization, asked=query.narrowing, actor=request.actor)
    answer = StreamingHttpResponse(
        lines(query.narrow(of_organization(organization.pk))), content_type=CONTENT_TYPE
    )
    answer["Content-Disposition"] = f'attachment; filename="audit-{organization.pk}.ndjson"'
    answer["Cache-Control"] = "no-store"
    return answer


def _spec(people: dict[str, str]) -> ListSpec:
    actions = sorted({each.name for each in registry.values()} | set(_UNREGISTERED))
    return ListSpec(
        sorts={"at": "id"},
        default_sort="-at",
        search_fields=("target_label", "target_id", "actor_label", "request_id"),
        filters=(
            Filter("actor", "Actor", people, field="actor_id"),
            Filter("action", "Action", {name: name for name in actions}),
            Filter("outcome", "Outcome", dict(Outcome.choices)),
            Filter("object", "Object", {n: n for n in _OBJECTS}, field="target_type"),
        ),
    )


_UNREGISTERED = (
    "accounts.accept_invitation", "accounts.add_authenticator_app", "accounts.add_passkey",
    "accounts.ask_email_change", "accounts.change_email", "accounts.change_password",
    "accounts.confirm_identity", "accounts.end_grant",
    "accounts.end_other_sessions", "accounts.end_session",
    "accounts.make_recovery_codes", "accounts.remove_authenticator_app",
    "accounts.remove_expired_audit", "accounts.remove_passkey", "accounts.rename",
    "accounts.rename_passkey", "accounts.reset_link", "accounts.reset_two_factor",
    "accounts.set_up", "accounts.sign_in", "accounts.sign_up", "operator.read",
)  # fmt: skip
_OBJECTS = (
    "ApiToken", "AuditFilter", "AuditSink", "CustomRole", "Deploy", "Deployment",
    "DeploymentRoleBinding", "EnvironmentVariable", "Invitation", "Organization",
    "OrganizationRoleBinding", "Team", "TeamMembership", "Workspace", "WorkspaceRoleBinding",
)  # fmt: skip
