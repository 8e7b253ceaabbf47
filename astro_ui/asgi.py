"""The web server's entry: pages and API here, each Airflow's own host name to the gateway."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from api.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro_ui.settings")

_console = BodyLimit(get_asgi_application())

# Only now: Django has set up the models that the gateway reads
from deployments.gateway.proxy import Gateway  # noqa: E402

application = Gateway(_console)
