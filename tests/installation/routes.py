"""The installation's pages exist for operators alone; strangers are asked to sign in."""

from __future__ import annotations

from tests.architecture.routes import Route

_OPERATORS = {"opal": 200, "anonymous": 302}
_GESTURE = {"opal": 302, "anonymous": 302}

ROUTES = [
    Route("installation:metrics", {}, note="no token is set"),
    Route("installation:health", _OPERATORS),
    Route("installation:operations", _OPERATORS),
    Route("installation:operators", _OPERATORS),
    Route(
        "installation:operators",
        _GESTURE,
        method="POST",
        data={"email": "mia@example.com"},
    ),
    Route(
        "installation:operator_revoke",
        {"opal": 409, "anonymous": 302},
        args=("opal",),
        method="POST",
        data={"go": "1"},
        note="the last one",
    ),
    Route("installation:organizations", _OPERATORS),
    Route("installation:organization_create", _OPERATORS),
    Route(
        "installation:organization_create",
        _OPERATORS,
        method="POST",
        data={"name": "Initech", "owner_email": "peter@example.com"},
    ),
    Route("installation:organization", _OPERATORS, args=("acme",)),
    Route("installation:organization_suspend", _OPERATORS, args=("acme",)),
    Route(
        "installation:organization_suspend",
        _GESTURE,
        args=("acme",),
        method="POST",
        data={"reason": "unpaid", "confirmation": "Acme"},
    ),
    Route(
        "installation:organization_resume",
        {"opal": 409, "anonymous": 302},
        args=("acme",),
        method="POST",
        data={"go": "1"},
        note="not suspended",
    ),
    Route("installation:tenant", _OPERATORS, args=("acme",)),
    Route("installation:deployment", _OPERATORS, args=("etl",)),
    Route("installation:sign_up", _OPERATORS),
    Route("installation:sign_up", _GESTURE, method="POST", data={"policy": "OPEN"}),
    Route("installation:audit", _OPERATORS),
]
