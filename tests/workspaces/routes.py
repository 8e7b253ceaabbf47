"""Who of the cast gets which answer from Workspaces, set-up, home and palette."""

from __future__ import annotations

from tests.architecture.routes import Route, attached_token_routes, token_routes

_INSIDE = {"mia": 200, "bill": 200, "wanda": 200, "oliver": 200, "olivia": 200, "anonymous": 302}
_OWNER = {"mia": 403, "bill": 403, "wanda": 403, "oliver": 403, "olivia": 200, "anonymous": 302}
_OF_WORKSPACE = {"wanda": 200, "oliver": 200, "olivia": 200, "anonymous": 302}
_OF_TOKENS = {"wanda": 403, "oliver": 200, "olivia": 200, "anonymous": 302}
_ITS_OWNER = {"wanda": 403, "oliver": 403, "olivia": 200, "anonymous": 302}

ROUTES = [
    Route("workspaces:set_up", {}, others=409, note="once somebody exists"),
    Route("deployments:start", {"opal": 200}, others=302),
    Route("deployments:home", _INSIDE, args=("acme",)),
    Route("palette", {"anonymous": 302}, others=200),
    Route("workspaces:invite", _OWNER, args=("acme",)),
    Route(
        "workspaces:invite",
        _OWNER,
        args=("acme",),
        method="POST",
        data={"email": "nina@example.com", "role": "ORGANIZATION_MEMBER"},
    ),
    Route("workspaces:list", _INSIDE, args=("acme",)),
    Route("workspaces:create", _OWNER, args=("acme",)),
    Route(
        "workspaces:create",
        _OWNER | {"olivia": 302},
        args=("acme",),
        method="POST",
        data={"name": "New"},
    ),
    Route("workspaces:switcher", _INSIDE, args=("acme",)),
    Route(
        "workspaces:detail",
        {"wanda": 302, "oliver": 302, "olivia": 302, "anonymous": 302},
        args=("science",),
    ),
    Route("workspaces:settings", _OF_WORKSPACE, args=("science",)),
    Route(
        "workspaces:settings",
        _ITS_OWNER | {"olivia": 302},
        args=("science",),
        method="POST",
        data={"name": "Renamed"},
    ),
    Route("workspaces:delete", _ITS_OWNER, args=("science",)),
    Route(
        "workspaces:delete",
        _ITS_OWNER | {"olivia": 302},
        args=("science",),
        method="POST",
        data={"confirmation": "Data Science"},
    ),
    Route("workspaces:members", _OF_WORKSPACE, args=("science",)),
    Route("workspaces:member_add", _ITS_OWNER, args=("science",)),
    Route(
        "workspaces:member_add",
        _ITS_OWNER | {"olivia": 302},
        args=("science",),
        method="POST",
        data={"email": "mia@example.com", "role": "WORKSPACE_MEMBER"},
    ),
    Route("workspaces:member", _OF_WORKSPACE, args=("science", "wanda")),
    Route(
        "workspaces:member",
        _ITS_OWNER | {"olivia": 302},
        args=("science", "wanda"),
        method="POST",
        data={"role": "WORKSPACE_MEMBER"},
    ),
    Route(
        "workspaces:member_remove",
        _ITS_OWNER | {"olivia": 302},
        args=("science", "wanda"),
        method="POST",
        data={"go": "1"},
    ),
    Route("workspaces:rights", _OF_WORKSPACE, args=("science",)),
    Route("workspaces:rights_who", _OF_WORKSPACE, args=("science",)),
    Route("workspaces:teams", _OF_WORKSPACE, args=("science",)),
    Route("workspaces:team_add", _ITS_OWNER, args=("science",)),
    Route(
        "workspaces:team_add",
        _ITS_OWNER | {"olivia": 422},
        args=("science",),
        method="POST",
        data={"team": "Nobody", "role": "WORKSPACE_MEMBER"},
    ),
    Route("workspaces:team", _OF_WORKSPACE, args=("science", "crew")),
    Route(
        "workspaces:team",
        _ITS_OWNER | {"olivia": 302},
        args=("science", "crew"),
        method="POST",
        data={"role": "WORKSPACE_MEMBER"},
    ),
    Route(
        "workspaces:team_remove",
        _ITS_OWNER | {"olivia": 302},
        args=("science", "crew"),
        method="POST",
        data={"go": "1"},
    ),
    *token_routes("workspaces", ("science",), "team_token", "WORKSPACE_MEMBER", _OF_TOKENS),
    *attached_token_routes(
        "workspaces", ("science",), "team_token", "WORKSPACE_MEMBER", _OF_TOKENS
    ),
]
