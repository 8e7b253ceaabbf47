"""Where more is a guard than what asks for a right."""

from __future__ import annotations

_DOORS = (
    "accounts/ip_access.py",
    "accounts/openid.py",
    "accounts/services/bearers.py",
    "accounts/services/sso_bypass.py",
    "accounts/services/token_addresses.py",
    "accounts/services/tokens.py",
    "accounts/sso/arrivals.py",
    "accounts/sso/domains.py",
    "accounts/sso/enforcement.py",
    "accounts/suspension.py",
    "api/authentication.py",
    "api/scim/authentication.py",
    "deployments/gateway/decisions.py",
    "deployments/gateway/oidc.py",
    "deployments/gateway/passes.py",
    "deployments/gateway/views.py",
    "deployments/identity.py",
    "deployments/views/stream.py",
    "installation/queries.py",
)
"""They say who somebody is, and from where and for how long that counts."""
_LEADING_AWAY = (
    "deployments/gateway/decisions.py",
    "deployments/gateway/passes.py",
    "web/events.py",
)
"""They refuse by an early answer."""
_GRANTS = ("access/grants.py", "access/querysets.py", "accounts/grants.py")
"""What is granted is narrowed there by conditions of a query."""


class Place:
    """What counts as a guard in one module, named by its path."""

    def __init__(self, name: str) -> None:
        is_access = name.startswith("access/")
        is_door = name in _DOORS
        self.refuses = is_access or is_door or "/services/" in name
        """Conditions that raise an error."""
        self.answers = is_access or is_door or name.startswith("accounts/models/")
        """A yes or no: each part of it may make it a no."""
        self.returns = name in _LEADING_AWAY
        """Conditions that end a function."""
        self.narrows = name in _GRANTS
        """Conditions of queries."""
