"""Guards whose removal cannot be seen, each with the guard that stands behind it."""

from __future__ import annotations

from tests.mutations.record import lasting

EQUIVALENT: dict[str, str] = {
    "deployments/gateway/oidc.py claims refuses role is None": (
        "only who lacks the right that is required a line before has no role there"
    ),
    "deployments/services/deploys/receive.py check_capability refuses deploy is None": (
        "where there is no deploy, no secret is right: `not is_right` refuses"
    ),
}
"""By file, function, kind and code, as the runner names guards but without the line."""


def reason(guard: str) -> str | None:
    """Why nobody can miss this guard; None for the others."""
    return EQUIVALENT.get(lasting(guard))
