"""The steps that prove a domain: its record in DNS, and a look at it."""

from __future__ import annotations

from access.actor import system
from accounts.models import SsoDomain
from accounts.services import sso_domains
from accounts.sso import dns_records
from tests.accounts.sso.name_server import NameServer


def put(name_server: NameServer, *rows: SsoDomain) -> None:
    values = [dns_records.value_of(row.txt_token) for row in rows]
    name_server.records[dns_records.name_of("acme.example")] = values


def check(domain: SsoDomain) -> SsoDomain:
    return sso_domains.check_domain(domain, actor=system("test"))
