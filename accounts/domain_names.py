"""Domains as people write them, and as DNS knows them."""

from __future__ import annotations

import re

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9](-*[a-z0-9])*\.)+[a-z][a-z0-9-]*[a-z0-9]")


def is_domain(name: str) -> bool:
    """Whether it is one, in lower case and in the form that DNS knows it by."""
    return _DOMAIN.fullmatch(name) is not None


def cleaned(written: str) -> str:
    """In that form, without an `@` before or a dot behind; what cannot be one comes back empty."""
    try:
        name = written.strip().lower().removeprefix("@").rstrip(".").encode("idna").decode()
    except UnicodeError:
        return ""
    return name if is_domain(name) else ""
