"""What Airflow finds through the package's entry point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from astro_runtime.link import LinkForEverybody, console_links


class LiveViews(list):
    """A list whose entries are made anew whenever Airflow asks for it: deploys change."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield from console_links()


class AstroRuntimePlugin(AirflowPlugin):
    """Airflow 3 shows the link in its menu; Airflow 2 has a footer, see `astro_runtime.footer`."""

    name = "astro_runtime"
    external_views = LiveViews()
    fastapi_root_middlewares = [{"name": "astro_runtime link", "middleware": LinkForEverybody}]
