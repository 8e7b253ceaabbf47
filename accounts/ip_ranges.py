"""A list of networks as people write it: one a line, with a note behind it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Network, ip_address, ip_network

from accounts.models import Organization
from web.client_address import Network
from web.errors import InvalidInput

MOST_RANGES, LONGEST_NOTE = 200, 100
_MAPPED = IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True)
class Range:
    network: str
    note: str = ""


def parse(text: str) -> list[Range]:
    """The ranges of a text; one that was written twice counts once, with its first note.

    Raises InvalidInput, naming the first line that is none.
    """
    found: dict[str, Range] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        written, _, note = line.strip().partition(" ")
        if not written:
            continue
        network = str(_network(written, number))
        note = note.strip().lstrip("#").strip()
        if len(note) > LONGEST_NOTE or not note.isprintable():
            raise _refused(f"Line {number}: a note has at most {LONGEST_NOTE} characters.")
        found.setdefault(network, Range(network, note))
    if len(found) > MOST_RANGES:
        raise _refused(f"At most {MOST_RANGES} networks; these are {len(found):,}.")
    return list(found.values())


def written(organization: Organization) -> str:
    """The list of an Organization as text that `parse` reads."""
    return "\n".join(f"{r['network']} {r['note']}".strip() for r in organization.ip_ranges)


def version(organization: Organization) -> str:
    """Names what the list says now, so that a form can tell whether it is out of date."""
    said = json.dumps([organization.restricts_ip, organization.ip_ranges])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def named(ranges: Iterable[Range]) -> str:
    """Names what a list admits, whatever its notes say."""
    return hashlib.sha256(",".join(each.network for each in ranges).encode()).hexdigest()[:16]


def _network(text: str, line: int) -> Network:
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        raise _refused(f"Line {line}: {text[:50]} is not an address or network.") from None
    if ip_address(text.partition("/")[0]) != found.network_address:
        raise _refused(f"Line {line}: {text[:50]} is no network. Did you mean {found}?")
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        raise _refused(f"Line {line}: write IPv4 networks as such, as 192.0.2.0/24.")
    return found


def _refused(words: str) -> InvalidInput:
    return InvalidInput(words, fields={"ranges": words})
