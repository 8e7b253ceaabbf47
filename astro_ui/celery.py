"""The job queue: a hint to act now; what must happen stands in the database."""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import worker_ready

# Started as root, the console keeps keys and sockets that only root can open, and the worker needs
# them. What Celery warns of, code inside a message, cannot be: messages are JSON.
warnings.filterwarnings("ignore", "You're running the worker with superuser", SecurityWarning)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro_ui.settings")

app = Celery("astro_ui")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep": {"task": "deployments.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "watch": {"task": "deployments.tasks.watch", "schedule": 10.0, "options": {"expires": 10}},
    "clear": {"task": "deployments.tasks.clear", "schedule": 20.0, "options": {"expires": 20}},
    "audit": {"task": "audit.tasks.keep", "schedule": 30.0, "options": {"expires": 30}},
    "sinks": {
        "task": "accounts.tasks.send_audit",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "ends": {
        "task": "accounts.tasks.end_grants",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "domains": {
        "task": "accounts.tasks.check_domains",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "expire": {
        "task": "accounts.tasks.expire_audit",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "groups": {
        "task": "accounts.tasks.forget_groups",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "metadata": {
        "task": "accounts.tasks.refresh_metadata",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "tidy": {"task": "deployments.tasks.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "purge": {"task": "deployments.tasks.purge", "schedule": 3600.0, "options": {"expires": 3600}},
}


@worker_ready.connect
def _say_that_it_lives(**_: Any) -> None:
    from web import heartbeats  # once the settings are known

    heartbeats.keep("worker")
