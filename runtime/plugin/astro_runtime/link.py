"""The link from Airflow's pages back to the console, for everybody who may open them."""

from __future__ import annotations

import json
from typing import Any

import jwt

from astro_runtime.identity import Identity, verify_header
from astro_runtime.place import label, setting

_EMPTY = (
    "macros",
    "flask_blueprints",
    "fastapi_apps",
    "fastapi_root_middlewares",
    "react_apps",
    "appbuilder_views",
    "appbuilder_menu_items",
    "global_operator_extra_links",
    "operator_extra_links",
    "listeners",
    "timetables",
)


def console_links() -> list[dict[str, Any]]:
    """Both in the menu of the person: the narrow main menu cuts a name off after a word, and in
    Airflow 3.3.2 what leads out of Airflow from there is a button that does nothing.
    """
    link = {"href": setting("CONSOLE_URL"), "destination": "nav", "category": "user"}
    return [{**link, "name": "This Deployment in the console"}, {**link, "name": label()}]


class LinkForEverybody:
    """Airflow 3's menu takes its links from the list of plug-ins, which needs `plugin.get`.

    Who may open the pages without that right gets a list of these links alone; what else is
    installed stays unknown to them.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not _asks_for_plugins(scope) or not _gets_link_alone(_person(scope)):
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(_link_alone()).encode()})


def _asks_for_plugins(scope: Any) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and scope["path"].endswith("/api/v2/plugins")
    )


def _person(scope: Any) -> Identity | None:
    header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    try:
        return verify_header(header)
    except jwt.InvalidTokenError:
        return None


def _gets_link_alone(person: Identity | None) -> bool:
    return person is not None and person.may("website.get") and not person.may("plugin.get")


def _link_alone() -> dict[str, Any]:
    lists: dict[str, list[Any]] = {name: [] for name in _EMPTY}
    plugin = {"name": "astro_runtime", "source": "", **lists, "external_views": console_links()}
    return {"plugins": [plugin], "total_entries": 1}
