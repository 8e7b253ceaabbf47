"""Whom a pasted text names: e-mail addresses in any of the ways in which people write lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_LONGEST = 254
_PIECES = re.compile(r'(?:"[^"\n]*"|[^,;\n"]|")+')
"""Between commas, semicolons and line ends, but not within quotes: `"Berg, Nina" <nina@…>`."""


@dataclass(frozen=True)
class Invitees:
    """What was found; each address in small letters and once."""

    addresses: tuple[str, ...]
    bad: tuple[str, ...]
    """What is no address, as it was typed."""
    repeated: tuple[str, ...]
    """Addresses that were there more than once, whatever their letter case."""


def read(text: str) -> Invitees:
    """Find the addresses in `nina@example.com, "Berg, Max" <max@example.com>` and its like."""
    found: dict[str, None] = {}
    bad: dict[str, None] = {}
    repeated: dict[str, None] = {}
    for word in _words(text):
        address = word.lower()
        if not _is_address(address):
            bad[word] = None
        elif address in found:
            repeated[address] = None
        else:
            found[address] = None
    return Invitees(tuple(found), tuple(bad), tuple(repeated))


def _words(text: str) -> Iterator[str]:
    for piece in _PIECES.findall(text):
        name, is_named, rest = piece.partition("<")
        if not is_named:
            yield from piece.split()
            continue
        # Somebody may have put an address before a name: `max@example.com Nina <nina@…>`
        yield from (word for word in name.split() if "@" in word and '"' not in word)
        address, _, after = rest.partition(">")
        yield address.strip() or piece.strip()
        yield from after.split()


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= _LONGEST
