"""What the doctor finds when a running console asks: the parts, not what a start needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from django.conf import settings

from astro_ui.doctor import console, machine
from astro_ui.embedded import Places
from astro_ui.up.site import Site
from web.finding import Finding

Check = Callable[[Site], Finding]

CHECKS: tuple[Check, ...] = (
    lambda site: console.database(site, is_up=True),
    lambda site: console.queue(site, is_up=True),
    lambda site: console.agent(site, is_up=True),
    console.mail,
    machine.disk,
    machine.data_directory,
    machine.environment,
    machine.runtimes,
    machine.isolation,
)


def sources() -> Iterator[Callable[[], list[Finding]]]:
    """One source for each check, so that a silent part delays no other."""
    return (lambda check=check: [check(_site())] for check in CHECKS)  # type: ignore[misc]


def _site() -> Site:
    inner = urlsplit(settings.INTERNAL_URL)
    return Site(Places(settings.DATA_DIR), inner.hostname or "127.0.0.1", inner.port or 80)
