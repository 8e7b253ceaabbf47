"""Domains as people write them, and as DNS knows them."""

from __future__ import annotations

import re

import idna

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9](-*[a-z0-9])*\.)+[a-z][a-z0-9-]*[a-z0-9]")


def is_domain(name: str) -> bool:
    """Whether it is one, in lower case and in the form that DNS knows it by."""
    return _DOMAIN.fullmatch(name) is not None


def cleaned(written: str) -> str:
    """In that form, without an `@` before or a dot behind; what cannot be one comes back empty.

    By IDNA 2008 (RFC 5891), as registries do it: `faß.example` is not `fass.example`.
    """
    try:
        plain = written.strip().lower().removeprefix("@").rstrip(".")
        name = idna.encode(plain, uts46=True).decode()
    except UnicodeError:
        return ""
    return name if is_domain(name) else ""


def of(email: str) -> str:
    """That of an address, in that form however it is spelled there."""
    written = email.strip().lower().rpartition("@")[2]
    return written if written.isascii() else cleaned(written)


def spellings(domain: str) -> tuple[str, ...]:
    """How addresses of it may end: in that form, and in letters."""
    try:
        return tuple(dict.fromkeys((domain, idna.decode(domain))))
    except UnicodeError:
        return (domain,)
