"""The web server's entry: pages and API here, each Airflow's own host name to the gateway."""

from __future__ import annotations

import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import django

from api.body_limit import BodyLimit
from astro_ui.handler import THREADS, OneStepHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro_ui.settings")

# WhiteNoise answers its files so. They are few and small, and browsers keep them for a year
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")

django.setup(set_prefix=False)
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
_console = BodyLimit(OneStepHandler(_threads))

# Only now: Django has set up the models that the gateway reads
from django.conf import settings  # noqa: E402

from deployments.gateway.proxy import Gateway  # noqa: E402
from web.client_address import BehindProxies  # noqa: E402

application = BehindProxies(Gateway(_console), settings.TRUSTED_PROXIES)
