"""Loading Django once, in the process from which web, worker and beat are forked."""

from __future__ import annotations

import logging
import threading
from importlib import import_module
from typing import Any

from deployments.provisioners.local import forked

# Not `astro_ui.asgi`: making the application reads static files, which are collected later.
MODULES = (
    "accounts.adapter",
    "api.body_limit",
    "astro_ui.beat",
    "astro_ui.celery",
    "astro_ui.urls",
    "billiard.pool",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.thread",
    "celery.contrib.django.task",
    "celery.events.receiver",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.consumer.delayed_delivery",
    "celery.worker.strategy",
    "deployments.gateway.proxy",
    "deployments.tasks",
    "django.contrib.sessions.backends.db",
    "django.core.asgi",
    "django.core.cache.backends.redis",
    "django.db.backends.postgresql.psycopg_any",
    "django_celery_beat.schedulers",
    "kombu.transport.redis",
    "psycopg_pool",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.loops.uvloop",
    "uvicorn.main",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "web.storage",
)

log = logging.getLogger(__name__)


class Interface:
    """What the supervisor answers beside its own methods: `console.load`."""

    def __init__(self, supervisord: Any) -> None:
        self._options = supervisord.options

    def load(self) -> bool:
        """Load; False when it cannot be done, and every program loads Django for itself."""
        try:
            load()
        except Exception:
            # Wrong settings are told by the next step of the start, where a person reads them
            log.exception("Django could not be loaded")
            return False
        self._options.is_loaded = True
        return True


def interface(supervisord: Any) -> Interface:
    return Interface(supervisord)


def load() -> None:
    """Load what the forked programs share. Opens no thread, file, socket or database."""
    import django
    from django.conf import settings
    from django.utils.module_loading import import_string

    with forked.loading():
        django.setup()
        for name in MODULES:
            import_module(name)
        for path in settings.MIDDLEWARE:
            import_string(path)
    if threading.active_count() != 1:
        raise RuntimeError(f"a fork needs one thread: {threading.enumerate()}")
