"""The web server's entry: pages and API here, each Airflow's own host name to the gateway."""

from __future__ import annotations

import os
import warnings

from django.core.asgi import get_asgi_application

from api.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro_ui.settings")

# WhiteNoise answers its files so. They are few and small, and browsers keep them for a year
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")

_console = BodyLimit(get_asgi_application())

# Only now: Django has set up the models that the gateway reads
from deployments.gateway.proxy import Gateway  # noqa: E402

application = Gateway(_console)
