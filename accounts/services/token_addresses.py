"""Networks to which an API token is bound: how they are written, and whether one holds a caller."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from web.errors import InvalidInput

MOST = 50
_NAMED = 5


def normalized(words: Iterable[str]) -> list[str]:
    """Networks as `10.0.0.0/8`, in their order, each once; a single address is a network of one.

    Raises InvalidInput that names what is none, and for more than 50 of them.
    """
    found: dict[str, None] = {}
    bad = []
    for word in words:
        try:
            found[str(ipaddress.ip_network(word.strip(), strict=False))] = None
        except ValueError:
            bad.append(word.strip()[:60])
    if bad:
        named = ", ".join(bad[:_NAMED]) + (" and more" if len(bad) > _NAMED else "")
        raise InvalidInput(
            f"Not an address range: {named}.",
            remedy="Write 203.0.113.0/24, 2001:db8::/32 or one address.",
            fields={"address_ranges": f"Not an address range: {named}"},
        )
    if len(found) > MOST:
        rule = f"At most {MOST} ranges"
        raise InvalidInput(f"{rule}.", fields={"address_ranges": rule})
    return list(found)


def split(text: str) -> list[str]:
    """What somebody typed, by lines, commas or blanks."""
    return [word for word in re.split(r"[\s,;]+", text) if word]


def holds(ranges: Sequence[str], address: str) -> bool:
    """Whether a caller may come from this address; no ranges hold every one.

    An IPv4 address that arrives as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address. What is no
    address lies in no range.
    """
    if not ranges:
        return True
    try:
        caller = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    caller = getattr(caller, "ipv4_mapped", None) or caller
    return any(caller in ipaddress.ip_network(each) for each in ranges)
