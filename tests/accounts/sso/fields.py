"""What an Owner fills in for a connection by OpenID Connect."""

from __future__ import annotations

VALUES = {
    "name": "Acme IdP",
    "discovery_url": "https://idp.example.com",
    "client_id": "console",
    "client_secret": "hush",
    "scopes": "openid email profile",
    "jit_enabled": True,
    "default_role": "ORGANIZATION_MEMBER",
}
