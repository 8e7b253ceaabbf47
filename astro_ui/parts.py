"""Where the database and the queue are: real servers by variable, else the embedded ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from astro_ui import embedded
from astro_ui.environment import Environment

_PREPARED = {"prepare_threshold": 5, "options": "-c plan_cache_mode=force_generic_plan"}
"""What we prepare (`web.prepared`) is asked by one id, and planned well without knowing which. The
threshold only has to be there: Django's own cursors prepare nothing."""

_POOL = {"min_size": 1, "max_size": 16, "timeout": 10, "reconnect_timeout": 2}
"""A series of attempts to connect doubles its pauses; after 2 s the next who asks begins a new one.
In the usual 300 s a console whose database was away for half a minute found it half a minute late.
"""


def database(env: Environment, data: Path, *, is_prepared: bool) -> dict[str, Any]:
    """Django's settings of the one database, from a `postgresql://` URL.

    With `is_prepared` a prepared statement is planned once for each connection.
    """
    url = urlsplit(env.text("DATABASE_URL") or embedded.database_url(data))
    if url.scheme not in {"postgres", "postgresql"}:
        env.faults.append("DATABASE_URL must begin with postgresql://; no other database works")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(url.port or ""),
        "OPTIONS": {
            **(_PREPARED if is_prepared else {}),
            **dict(parse_qsl(url.query)),
            "pool": _POOL,
        },
    }


def redis_url(env: Environment, data: Path) -> str:
    return env.text("REDIS_URL") or embedded.redis_url(data)


def broker_url(url: str) -> str:
    """The same Redis as Celery's transport spells it: `unix://` becomes `redis+socket://`."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    password = f"&password={query['password']}" if "password" in query else ""
    return f"redis+socket://{parts.path}?virtual_host={query.get('db', '0')}{password}"
