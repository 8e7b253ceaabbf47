"""Airflow 3: people are who the console says, and may do what their token lists."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.base_auth_manager import BaseAuthManager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import HTTPException

from astro_runtime import identity
from astro_runtime.permissions import is_allowed, is_shown
from astro_runtime.place import setting


class AstroUser(BaseUser):
    def __init__(self, person: identity.Identity) -> None:
        self.person = person

    def get_id(self) -> str:
        return self.person.get_id()

    def get_name(self) -> str:
        return self.person.get_name()


class AstroAuthManager(BaseAuthManager[AstroUser]):
    """Keeps no users and makes no tokens: each request brings its own proof.

    The proxy sends it as `Authorization: Bearer`; the cookie `_token` counts as well. Tokens
    signed with one of Airflow's own secrets open the execution API for tasks, nothing here.
    """

    async def get_user_from_token(self, token: str) -> AstroUser:
        return AstroUser(identity.verify(token))

    def deserialize_user(self, token: dict[str, Any]) -> AstroUser:
        return AstroUser(identity.from_claims(token))

    def serialize_user(self, user: AstroUser) -> dict[str, Any]:
        raise NotImplementedError("Only the console signs tokens for this Airflow")

    def generate_jwt(self, user: AstroUser, **_: Any) -> str:
        """What Airflow 3.3 offers as "Generate Token"."""
        raise HTTPException(403, "Make an API token in the console: it alone signs them.")

    def revoke_token(self, token: str) -> None:
        """Nothing to revoke: a token outlives its request by at most a minute."""

    def get_url_login(self, **_: Any) -> str:
        return setting("SIGN_IN_URL")

    def get_url_logout(self) -> str | None:
        """Back to the Deployment's page: one signs out of the console, there."""
        return setting("CONSOLE_URL")

    def is_authorized_configuration(self, *, method: Any, user: AstroUser, **_: Any) -> bool:
        return _may(user, "CONFIGURATION", method)

    def is_authorized_connection(self, *, method: Any, user: AstroUser, **_: Any) -> bool:
        return _may(user, "CONNECTION", method)

    def is_authorized_dag(
        self, *, method: Any, user: AstroUser, access_entity: Any = None, **_: Any
    ) -> bool:
        resource = "DAG" if access_entity is None else f"DAG.{access_entity.name}"
        return _may(user, resource, method)

    def is_authorized_asset(self, *, method: Any, user: AstroUser, **_: Any) -> bool:
        return _may(user, "ASSET", method)

    def is_authorized_asset_alias(self, *, method: Any, user: AstroUser, **_: Any) -> bool:
        return _may(user, "ASSET_ALIAS", method)

    def is_authorized_pool(self, *, method: Any, user: AstroUser, **_: Any) -> bool:
        return _may(user, "POOL", method)

    def is_authorized_variable(self, *, method: Any, user: AstroUser, **_: Any) -> bool:
        return _may(user, "VARIABLE", method)

    def is_authorized_view(self, *, access_view: Any, user: AstroUser) -> bool:
        return _may(user, f"VIEW.{access_view.name}", "GET")

    def is_authorized_custom_view(self, *, method: Any, user: AstroUser, **_: Any) -> bool:
        return _may(user, "CUSTOM", method)

    def filter_authorized_menu_items(self, menu_items: list[Any], *, user: AstroUser) -> list[Any]:
        return [item for item in menu_items if is_shown(user.person.permissions, item.name)]

    def filter_authorized_dag_ids(
        self, *, dag_ids: set[str], user: AstroUser, method: Any = "GET", **_: Any
    ) -> set[str]:
        """One decision for all: rights do not differ by DAG yet."""
        return dag_ids if _may(user, "DAG", method) else set()


def _may(user: AstroUser, resource: str, method: Any) -> bool:
    return is_allowed(user.person.permissions, resource, str(getattr(method, "value", method)))
