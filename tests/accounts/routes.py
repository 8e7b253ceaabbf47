"""Who of the cast gets which answer from the pages of Organization and people."""

from __future__ import annotations

from tests.architecture.routes import Route, token_routes

_INSIDE = {"mia": 200, "bill": 200, "wanda": 200, "oliver": 200, "olivia": 200, "anonymous": 302}
_OWNER = {"mia": 403, "bill": 403, "wanda": 403, "oliver": 403, "olivia": 200, "anonymous": 302}
_SIGNED_IN = {**_INSIDE, "oscar": 200, "opal": 200}
_GO = {"go": "1"}
_NOT_BY_GET = {"anonymous": 302}

ROUTES = [
    Route("accounts:switcher", _SIGNED_IN),
    Route("accounts:profile", _SIGNED_IN),
    Route("accounts:settings", _INSIDE, args=("acme",)),
    Route(
        "accounts:settings",
        _OWNER | {"olivia": 302},
        args=("acme",),
        method="POST",
        data={"name": "Acme Corp"},
    ),
    Route("accounts:ip_access", _OWNER, args=("acme",)),
    Route("accounts:ip_access", _OWNER, args=("acme",), method="POST", data={"try": "1"}),
    Route("accounts:audit", _OWNER, args=("acme",)),
    Route("accounts:audit_export", _OWNER, args=("acme",)),
    Route("accounts:members", _INSIDE, args=("acme",)),
    Route("accounts:member", _INSIDE, args=("acme", "mia")),
    Route("accounts:member", {"anonymous": 302}, args=("acme", "oscar"), note="somebody else's"),
    Route(
        "accounts:member",
        _OWNER | {"olivia": 302},
        args=("acme", "mia"),
        method="POST",
        data={"role": "ORGANIZATION_BILLING_ADMIN"},
    ),
    Route("accounts:member_remove", _OWNER | {"mia": 200}, args=("acme", "mia")),
    Route(
        "accounts:member_remove",
        _OWNER | {"mia": 302, "olivia": 302},
        args=("acme", "mia"),
        method="POST",
        data={"confirmation": "mia@example.com"},
    ),
    Route("accounts:teams", _INSIDE, args=("acme",)),
    Route("accounts:team", _INSIDE, args=("acme", "crew")),
    Route("accounts:team", _NOT_BY_GET, args=("umbrella", "crew"), note="somebody else's"),
    Route("accounts:team_create", _OWNER, args=("acme",)),
    Route(
        "accounts:team_create",
        _OWNER | {"olivia": 302},
        args=("acme",),
        method="POST",
        data={"name": "New", "role": "ORGANIZATION_MEMBER"},
    ),
    Route("accounts:team_edit", _OWNER, args=("acme", "crew")),
    Route(
        "accounts:team_edit",
        _OWNER | {"olivia": 302},
        args=("acme", "crew"),
        method="POST",
        data={"name": "Renamed"},
    ),
    Route("accounts:team_role", _OWNER, args=("acme", "crew")),
    Route(
        "accounts:team_role",
        _OWNER | {"olivia": 302},
        args=("acme", "crew"),
        method="POST",
        data={"role": "ORGANIZATION_BILLING_ADMIN"},
    ),
    Route("accounts:team_member_add", _OWNER, args=("acme", "crew")),
    Route(
        "accounts:team_member_add",
        _OWNER | {"olivia": 302},
        args=("acme", "crew"),
        method="POST",
        data={"emails": "mia@example.com"},
    ),
    Route(
        "accounts:team_member_remove",
        _OWNER | {"olivia": 302},
        args=("acme", "crew", "wanda"),
        method="POST",
        data={"go": "1"},
    ),
    Route("accounts:team_delete", _OWNER, args=("acme", "crew")),
    Route(
        "accounts:team_delete",
        _OWNER | {"olivia": 302},
        args=("acme", "crew"),
        method="POST",
        data={"confirmation": "Crew"},
    ),
    Route("accounts:invitations", _OWNER, args=("acme",)),
    Route(
        "accounts:invitation_renew",
        _OWNER,
        args=("acme", "invitation"),
        method="POST",
        data={"go": "1"},
    ),
    Route("accounts:invitation_renew", _NOT_BY_GET, others=405, args=("acme", "invitation")),
    Route(
        "accounts:invitation_revoke",
        _OWNER | {"olivia": 302},
        args=("acme", "invitation"),
        method="POST",
        data={"go": "1"},
    ),
    Route("accounts:invitation", {}, others=410, note="without a link"),
    Route("accounts:invitation_link", {}, others=302, args=("acme", "acme"), note="no such link"),
    Route(
        "accounts:invitation_accept",
        {"anonymous": 302},
        others=410,
        method="POST",
        data={"go": "1"},
        note="without a link",
    ),
    *token_routes("accounts", ("acme",), "robot_token", "ORGANIZATION_MEMBER", _OWNER),
    Route(
        "accounts:token_spread",
        _OWNER | {"olivia": 404},
        args=("acme", "robot_token"),
        method="POST",
        data={"kind": "workspace", "subject": "none", "role": "WORKSPACE_MEMBER"},
        note="to no Workspace",
    ),
    Route("accounts:sign_in", {"anonymous": 200}, others=302),
    Route("accounts:password_reset", {}, others=200),
    Route("accounts:sessions", _SIGNED_IN),
    Route("accounts:sessions_end", {"anonymous": 302}, others=302, method="POST", data=_GO),
    Route("accounts:session_end", {"anonymous": 302}, args=("number",), method="POST", data=_GO),
    Route("accounts:second_factor", {}, others=302, note="without a password before"),
    Route("accounts:two_factor", _SIGNED_IN),
    Route("accounts:passkeys", {}, others=302),
    *(
        Route(f"accounts:{name}", {}, others=302, note="leads to who one is first")
        for name in ("app_add", "codes_make", "passkey_add", "passkey_confirm")
    ),
    Route("accounts:codes", {"anonymous": 302}, note="without any"),
    Route("accounts:app_remove", {"anonymous": 302}, note="without an app"),
    Route("accounts:passkey_rename", {}, others=302, args=("number",)),
    Route("accounts:passkey_remove", {}, others=302, args=("number",)),
]
