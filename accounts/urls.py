"""Every address of Organization and people."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts import own_urls, sso_urls
from accounts.routes import gesture, page
from accounts.views import (
    audit,
    audit_filters,
    group_rules,
    invitations,
    ip_access,
    members,
    organization,
    organization_tokens,
    person,
    role_editor,
    roles,
    scim,
    sinks,
    team,
    teams,
)
from accounts.views.tokens import routes as token_routes

app_name = "accounts"

_ORGANIZATION = "organizations/<str:organization_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    page("organizations/switch/", organization.switcher, "switcher"),
    page(f"{_ORGANIZATION}/settings/", organization.settings, "settings"),
    page(f"{_ORGANIZATION}/audit/filters/", audit_filters.filters, "audit_filters"),
    gesture(
        f"{_ORGANIZATION}/audit/filters/<str:filter_id>/remove/",
        audit_filters.remove,
        "audit_filter_remove",
    ),
    page(f"{_ORGANIZATION}/audit/sinks/", sinks.sinks, "audit_sinks"),
    page(f"{_ORGANIZATION}/audit/sinks/new/<str:kind>/", sinks.new, "audit_sink_new"),
    page(f"{_ORGANIZATION}/audit/sinks/<str:sink_id>/", sinks.sink, "audit_sink"),
    page(f"{_ORGANIZATION}/audit/sinks/<str:sink_id>/remove/", sinks.remove, "audit_sink_remove"),
    page(f"{_ORGANIZATION}/ip-access/", ip_access.ip_access, "ip_access"),
    page(f"{_ORGANIZATION}/group-rules/", group_rules.rules, "group_rules"),
    page(f"{_ORGANIZATION}/group-rules/new/", group_rules.create, "group_rule_new"),
    page(f"{_ORGANIZATION}/group-rules/<str:rule_id>/", group_rules.rule, "group_rule"),
    page(f"{_ORGANIZATION}/scim/", scim.scim, "scim"),
    page(f"{_ORGANIZATION}/scim/reconcile/", scim.reconcile, "scim_reconcile"),
    page(f"{_ORGANIZATION}/audit/", audit.audit, "audit"),
    page(f"{_ORGANIZATION}/audit/export/", audit.export, "audit_export"),
    page(f"{_ORGANIZATION}/roles/", roles.roles, "roles"),
    page(f"{_ORGANIZATION}/roles/new/", role_editor.create, "role_create"),
    page(f"{_ORGANIZATION}/roles/default/<str:name>/", roles.default_role, "role_default"),
    page(f"{_ORGANIZATION}/roles/<str:role_id>/", roles.role, "role"),
    page(f"{_ORGANIZATION}/roles/<str:role_id>/edit/", role_editor.edit, "role_edit"),
    page(f"{_ORGANIZATION}/roles/<str:role_id>/delete/", roles.delete, "role_delete"),
    page(f"{_ORGANIZATION}/members/", members.members, "members"),
    page(f"{_ORGANIZATION}/members/<str:user_id>/", members.member, "member"),
    page(f"{_ORGANIZATION}/members/<str:user_id>/remove/", members.remove, "member_remove"),
    page(f"{_ORGANIZATION}/teams/", teams.teams, "teams"),
    page(f"{_ORGANIZATION}/teams/new/", teams.create, "team_create"),
    page(f"{_ORGANIZATION}/teams/<str:team_id>/", team.team, "team"),
    page(f"{_ORGANIZATION}/teams/<str:team_id>/edit/", team.edit, "team_edit"),
    page(f"{_ORGANIZATION}/teams/<str:team_id>/role/", team.role, "team_role"),
    page(f"{_ORGANIZATION}/teams/<str:team_id>/members/add/", team.add, "team_member_add"),
    gesture(
        f"{_ORGANIZATION}/teams/<str:team_id>/members/<str:user_id>/remove/",
        team.remove,
        "team_member_remove",
    ),
    page(f"{_ORGANIZATION}/teams/<str:team_id>/delete/", team.delete, "team_delete"),
    page(f"{_ORGANIZATION}/invitations/", invitations.invitations, "invitations"),
    gesture(
        f"{_ORGANIZATION}/invitations/<str:invitation_id>/link/",
        invitations.renew,
        "invitation_renew",
    ),
    gesture(
        f"{_ORGANIZATION}/invitations/<str:invitation_id>/revoke/",
        invitations.revoke,
        "invitation_revoke",
    ),
    *token_routes(organization_tokens.PLACE, "organizations/<str:subject_id>/tokens/"),
    path("invitation/", invitations.invitation, name="invitation"),
    gesture("invitation/accept/", invitations.accept, "invitation_accept"),
    path(
        "invitation/<str:invitation_id>/<str:secret>/",
        invitations.follow_link,
        name="invitation_link",
    ),
    page("profile/", person.profile, "profile"),
    path("accounts/password/reset/", person.password_reset, name="password_reset"),
    *own_urls.urlpatterns,
    *sso_urls.urlpatterns,
]
