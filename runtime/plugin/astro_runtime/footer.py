"""Airflow 2: the footer of each page names the runtime and deploy, and leads to the console."""

from __future__ import annotations

from typing import Any

from jinja2 import BaseLoader, Environment
from markupsafe import Markup

from astro_runtime.place import label, setting

_BASE_TEMPLATE = "airflow/main.html"
_MARK = "{% if git_version %}<br>Git Version: <strong>{{ git_version }}</strong>{% endif %}"


class FooterLoader(BaseLoader):
    """Airflow's own templates, with our line in the place of its Git version."""

    def __init__(self, wrapped: BaseLoader) -> None:
        self.wrapped = wrapped

    def get_source(self, environment: Environment, template: str) -> tuple[str, Any, Any]:
        source, filename, is_fresh = self.wrapped.get_source(environment, template)
        if template == _BASE_TEMPLATE:
            source = source.replace(_MARK, "<br>{{ astro_runtime_footer() }}")
        return source, filename, is_fresh

    def list_templates(self) -> list[str]:
        return self.wrapped.list_templates()


def install(app: Any) -> None:
    app.jinja_loader = FooterLoader(app.jinja_loader)
    app.jinja_env.globals["astro_runtime_footer"] = line


def line() -> Markup:
    """Read anew for each page: a deploy switches without a restart."""
    return Markup('<a href="{}">{}</a>').format(setting("CONSOLE_URL"), label())
