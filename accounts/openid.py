"""The console as OpenID provider: what an Airflow 2 or a CLI learns about a person."""

from __future__ import annotations

from allauth.idp.oidc.adapter import DefaultOIDCAdapter


class ConsoleOpenIdAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """Claims per client: each Deployment has a client of its own."""
