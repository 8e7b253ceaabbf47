"""Which Airflow a request is for, by its host name or, as the lesser way, by its path. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

_PLACE = "{namespace}"
_LABEL = r"(?P<namespace>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
OWN_PATH = "/_astro/"
"""Paths below this one are the door's own on each Airflow's address."""


@dataclass(frozen=True)
class Address:
    """One Airflow's public place."""

    namespace: str
    base_url: str
    """With a trailing slash."""
    prefix: str
    """The part of the path that all its pages share, without a trailing slash; often empty."""

    def own(self, path: str) -> str:
        """Whether a path is the door's own: what follows `/_astro/`, else an empty text."""
        start = self.prefix + OWN_PATH
        return path.removeprefix(start) if path.startswith(start) else ""


class Pattern:
    """`settings.AIRFLOW_URL_PATTERN`, turned round: from a request to a namespace.

    Ports are not compared: a browser keeps cookies by host name alone, and a front proxy may
    listen elsewhere. `console_hosts` are never an Airflow's, whatever the pattern says.
    """

    def __init__(self, pattern: str, *, console_hosts: Collection[str] = ()) -> None:
        self.pattern = pattern
        parts = urlsplit(pattern)
        self.is_by_host = _PLACE in parts.netloc
        self._console_hosts = frozenset(host.lower() for host in console_hosts)
        searched = _without_port(parts.netloc) if self.is_by_host else parts.path.rstrip("/")
        before, _, after = searched.partition(_PLACE)
        end = "" if self.is_by_host else r"(?=/|$)"
        self._expression = re.compile(re.escape(before) + _LABEL + re.escape(after) + end)

    @classmethod
    def configured(cls) -> Pattern:
        return cls(settings.AIRFLOW_URL_PATTERN, console_hosts=settings.ALLOWED_HOSTS)

    def match(self, host: str, path: str) -> Address | None:
        """The Airflow that a request is for; None: the console itself."""
        name = _without_port(host).lower()
        if self.is_by_host:
            found = None if name in self._console_hosts else self._expression.fullmatch(name)
        else:
            found = self._expression.match(path)
        return self.of(found["namespace"]) if found else None

    def of(self, namespace: str) -> Address:
        base_url = self.pattern.replace(_PLACE, namespace).rstrip("/") + "/"
        return Address(namespace, base_url, urlsplit(base_url).path.rstrip("/"))


def local_path(target: str, base_url: str) -> str:
    """Where to go inside an Airflow, relative to its base address and without a leading slash.

    Takes a whole address of this Airflow or a path on its host; anything else, another host in
    whatever disguise included, becomes its home page.
    """
    path = urlsplit(base_url).path
    if target.startswith(base_url):
        rest = target.removeprefix(base_url)
    elif target.startswith(path):
        rest = target.removeprefix(path)
    else:
        return ""
    is_safe = rest.isprintable() and rest.isascii() and "\\" not in rest and " " not in rest
    return rest if is_safe and not rest.startswith("/") else ""


def _without_port(netloc: str) -> str:
    return re.sub(r":\d*$", "", netloc.rpartition("@")[2])
