"""The record by which an Organization proves a domain: whether DNS has it now."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.nameserver
import dns.rdatatype
import dns.resolver
from django.conf import settings

LABEL = "_astro-ui"
PREFIX = "astro-ui-domain="
SECONDS = 5.0
"""How long a check waits for name servers, all of them together."""
_PORT = 53


class Found(StrEnum):
    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"
    """Silence and faults of name servers say nothing about a record."""


@dataclass(frozen=True)
class Answer:
    found: Found
    words: str


def name_of(domain: str) -> str:
    """Where the record belongs: below the domain, so that it shares its name with nothing."""
    return f"{LABEL}.{domain}"


def value_of(token: str) -> str:
    return f"{PREFIX}{token}"


def look(domain: str, token: str) -> Answer:
    """Ask for the domain's record. Never raises: what went wrong stands in the answer."""
    name = name_of(domain)
    try:
        found = _texts(name)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Answer(Found.GONE, f"There is no TXT record at {name}.")
    except dns.exception.Timeout:
        return Answer(Found.UNKNOWN, f"The name servers did not answer within {SECONDS:g} s.")
    except (dns.exception.DNSException, OSError) as error:
        return Answer(Found.UNKNOWN, f"The name servers could not answer: {_short(error)}.")
    if value_of(token) in found:
        return Answer(Found.THERE, f"The TXT record at {name} is there.")
    shown = ", ".join(found)[:200]
    return Answer(Found.GONE, f"The TXT record at {name} says something else: {shown}")


def _texts(name: str) -> list[str]:
    resolver = _resolver()
    answer = resolver.resolve(f"{name}.", dns.rdatatype.TXT, lifetime=SECONDS)
    return [b"".join(row.strings).decode("ascii", "replace") for row in answer]


def _resolver() -> dns.resolver.Resolver:
    """The machine's own name servers, or those that the operator names."""
    servers = settings.DNS_SERVERS
    if not servers:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [_server(each) for each in servers]
    return resolver


def _server(written: str) -> dns.nameserver.Nameserver:
    """Of `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`."""
    try:
        return dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(written)), _PORT)
    except ValueError:
        host, _, port = written.rpartition(":")
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:150].rstrip(".")
