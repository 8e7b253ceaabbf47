"""Every address of Workspaces, of set-up and of inviting."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.routes import gesture, page
from accounts.views.tokens import routes as token_routes
from workspaces.views import invite, members, rights, set_up, teams, tokens, workspaces

app_name = "workspaces"

_ORGANIZATION = "organizations/<str:organization_id>"
_WORKSPACE = "workspaces/<str:workspace_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("setup/", set_up.page, name="set_up"),
    page(f"{_ORGANIZATION}/invite/", invite.invite, "invite"),
    page(f"{_ORGANIZATION}/workspaces/", workspaces.index, "list"),
    page(f"{_ORGANIZATION}/workspaces/new/", workspaces.create, "create"),
    page(f"{_ORGANIZATION}/workspaces/switch/", workspaces.switcher, "switcher"),
    page(f"{_WORKSPACE}/", workspaces.detail, "detail"),
    page(f"{_WORKSPACE}/settings/", workspaces.settings, "settings"),
    page(f"{_WORKSPACE}/delete/", workspaces.delete, "delete"),
    page(f"{_WORKSPACE}/members/", members.members, "members"),
    page(f"{_WORKSPACE}/members/add/", members.add, "member_add"),
    page(f"{_WORKSPACE}/members/<str:user_id>/", members.member, "member"),
    gesture(f"{_WORKSPACE}/members/<str:user_id>/remove/", members.remove, "member_remove"),
    page(f"{_WORKSPACE}/rights/", rights.may, "rights"),
    page(f"{_WORKSPACE}/rights/who/", rights.who, "rights_who"),
    page(f"{_WORKSPACE}/teams/", teams.teams, "teams"),
    page(f"{_WORKSPACE}/teams/add/", teams.add, "team_add"),
    page(f"{_WORKSPACE}/teams/<str:team_id>/", teams.team, "team"),
    gesture(f"{_WORKSPACE}/teams/<str:team_id>/remove/", teams.remove, "team_remove"),
    *token_routes(tokens.PLACE, "workspaces/<str:subject_id>/tokens/"),
]
