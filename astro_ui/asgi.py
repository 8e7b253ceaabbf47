"""The web server's entry: pages and API here, each Airflow's own host name to the gateway."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro_ui.settings")

application = get_asgi_application()
