"""A session opens no address of the API: only a bearer does (`test_wire_rules`)."""

from __future__ import annotations

from tests.architecture.routes import Route

_ORGANIZATION = ("acme",)
_WORKSPACE = ("acme", "science")
_DEPLOYMENT = ("acme", "etl")
_DEPLOY = ("acme", "etl", "shipped")

ROUTES = [
    Route("api:organizations", {}, others=401),
    Route("api:organization", {}, others=401, args=_ORGANIZATION),
    Route("api:audit_logs", {}, others=401, args=_ORGANIZATION),
    Route("api:workspaces", {}, others=401, args=_ORGANIZATION),
    Route("api:workspace", {}, others=401, args=_WORKSPACE),
    Route("api:deployments", {}, others=401, args=_ORGANIZATION),
    Route("api:deployment", {}, others=401, args=_DEPLOYMENT),
    Route("api:deploys", {}, others=401, args=_DEPLOYMENT),
    Route("api:deploy", {}, others=401, args=_DEPLOY),
    Route("api:finalize", {}, others=401, method="POST", args=_DEPLOY),
    Route("api:rollback", {}, others=401, method="POST", args=_DEPLOY),
    Route("api:own_profile", {}, others=401),
    Route("api:options", {}, others=401, args=_ORGANIZATION),
    Route("api:hibernation_override", {}, others=401, method="POST", args=_DEPLOYMENT),
    Route("api:logs", {}, others=401, args=_DEPLOYMENT),
    Route("api:spec", {}, others=200, note="public: it holds no secret"),
    Route("api:root", {}, others=404),
    Route("api:unknown", {}, others=404),
    Route("api:upload", {}, others=405, args=("shipped",)),
    Route("api:upload", {}, others=403, method="PUT", args=("shipped",), note="no signature"),
    *(
        Route(f"api:scim_{name}", {}, others=401, args=_ORGANIZATION)
        for name in (
            "root", "users", "groups", "me", "configuration", "resource_types", "schemas",
            "unknown",
        )
    ),
    *(
        Route(f"api:scim_{name}", {}, others=401, args=("acme", "acme"))
        for name in ("user", "group", "resource_type", "schema")
    ),
    *(
        Route(f"api:scim_{name}", {}, others=401, method="POST", args=_ORGANIZATION)
        for name in ("users", "groups", "bulk", "search", "users_search", "groups_search")
    ),
]  # fmt: skip
