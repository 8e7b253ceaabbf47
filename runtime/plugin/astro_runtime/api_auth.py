"""Authentication backend of Airflow 2's REST API: the console's signed identity.

`astro_runtime.security` has already turned it into the request's user.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response
from flask_login import current_user

CLIENT_AUTH = None


def init_app(_: Any) -> None:
    """Nothing to prepare; Airflow asks for this function."""


def requires_authentication(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if current_user.is_anonymous:
            return Response("Unauthorized", 401, {"WWW-Authenticate": "Bearer"})
        return function(*args, **kwargs)

    return decorated
