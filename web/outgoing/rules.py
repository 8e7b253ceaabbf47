"""Which addresses the console speaks to on a tenant's behalf: public ones, by HTTPS.

The operator may add networks of their own (`OUTGOING_NETWORKS`) and plain HTTP (`OUTGOING_HTTP`).
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

from django.conf import settings
from yarl import URL

from web.client_address import Address, Network
from web.outgoing.errors import AddressRefused

LONGEST_URL = 2000
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NEVER_PUBLIC = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers; one cloud keeps its metadata in it
        "168.63.129.16/32",  # what another cloud's machines ask about themselves
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",
        "240.0.0.0/4",
        "2001::/23",  # Teredo and its like, which carry an IPv4 address further
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
"""Besides what `ipaddress` knows, which differs between versions of Python.

Source: IANA IPv4 and IPv6 Special-Purpose Address Registries.
"""


def permits(address: Address) -> bool:
    """Whether the console may connect to it: public, or in one of the operator's networks."""
    judged = unwrapped(address)
    allowed = _networks(tuple(settings.OUTGOING_NETWORKS))
    return is_public(judged) or any(judged in each or address in each for each in allowed)


def is_public(address: Address) -> bool:
    """Whether it is an ordinary host of the internet: no private, shared, local or group address,
    no metadata service of a cloud, and no tunnel."""
    if address.is_multicast or not address.is_global:
        return False
    if isinstance(address, IPv6Address) and address not in _PUBLIC_IPV6:
        return False
    return not any(address in network for network in _NEVER_PUBLIC)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to, mapped or by NAT64; else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def checked(text: str | URL) -> URL:
    """The URL, read as it will be connected to.

    Raises AddressRefused for a scheme that is not allowed, for name and password in the address,
    and for what is no address. Where it leads is judged when it is resolved.
    """
    try:
        url = URL(text) if isinstance(text, str) else text
        port = url.port
    except ValueError as error:
        raise AddressRefused("This is not an address of the web.") from error
    schemes = ("https", "http") if settings.OUTGOING_HTTP else ("https",)
    if url.scheme not in schemes:
        raise AddressRefused(f"The address must begin with {' or '.join(schemes)}://.")
    if not url.host or not port or len(str(url)) > LONGEST_URL:
        raise AddressRefused(
            f"The address must name a host, and have at most {LONGEST_URL:,} characters."
        )
    if url.user is not None or url.password is not None:
        raise AddressRefused(
            "The address must not hold a name or password.",
            remedy="Addresses are shown to people; give secrets as a header.",
        )
    return url


@lru_cache(maxsize=8)
def _networks(written: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in written)
