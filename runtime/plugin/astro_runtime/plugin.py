"""The link back to the console, with the running runtime and deploy, on Airflow's own pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from astro_runtime.place import label, setting


class LiveViews(list):
    """A list whose one entry is made anew whenever Airflow asks for it: deploys change."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield console_link()


def console_link() -> dict[str, Any]:
    return {"name": label(), "href": setting("CONSOLE_URL"), "destination": "nav"}


class AstroRuntimePlugin(AirflowPlugin):
    """Airflow 3 shows it in its menu; Airflow 2 has a footer, see `astro_runtime.footer`."""

    name = "astro_runtime"
    external_views = LiveViews()
