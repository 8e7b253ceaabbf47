"""Flask settings of Airflow 2's webserver: people sign in at the console, by OpenID Connect."""

import os
from urllib.parse import urlsplit

from airflow.configuration import conf
from flask_appbuilder.const import AUTH_OAUTH

from astro_runtime.security import AstroSecurityManager

SECURITY_MANAGER_CLASS = AstroSecurityManager
AUTH_TYPE = AUTH_OAUTH
AUTH_USER_REGISTRATION = True
# Holds no permission: the signed identity of each request brings the real role
AUTH_USER_REGISTRATION_ROLE = "Public"
AUTH_ROLES_SYNC_AT_LOGIN = False
OAUTH_PROVIDERS = [
    {
        "name": "console",
        "icon": "fa-sign-in",
        "token_key": "access_token",
        "remote_app": {
            "client_id": os.environ.get("ASTRO_RUNTIME_OIDC_CLIENT_ID", ""),
            "client_secret": os.environ.get("ASTRO_RUNTIME_OIDC_CLIENT_SECRET", ""),
            "server_metadata_url": os.environ.get("ASTRO_RUNTIME_OIDC_DISCOVERY_URL", ""),
            "client_kwargs": {
                "scope": "openid email profile",
                "code_challenge_method": "S256",
            },
        },
    }
]
LOGOUT_REDIRECT_URL = os.environ.get("ASTRO_RUNTIME_CONSOLE_URL", "/")
WTF_CSRF_ENABLED = True
# Neither the console's cookie nor that of another Airflow on the same host
SESSION_COOKIE_NAME = "airflow_session"
SESSION_COOKIE_PATH = (urlsplit(conf.get("webserver", "base_url")).path or "") + "/"
