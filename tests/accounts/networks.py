"""Somebody in the office and at home, where a list admits the office alone."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from access.actor import Actor, Origin
from access.scopes import Principal
from accounts.models import Organization, User

OFFICE, HOME = "203.0.113.7", "198.51.100.9"
LIST = "203.0.113.0/24 Office\n2001:db8:12::/48"


def at(client: Client, user: User, address: str) -> Client:
    client.force_login(user)
    client.defaults["REMOTE_ADDR"] = address
    return client


def from_(address: str, principal: Principal, door: str = "page") -> Actor:
    return Actor(principal, Origin(door=door, source_ip=address))


def page(organization: Organization) -> str:
    return reverse("accounts:ip_access", args=[organization.pk])
