"""Every route answers each of the cast as the matrix says, and no route is missing from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.architecture.routes import CAST, Route, all_routes

FOREIGN = {"allauth", "account", "mfa", "usersessions", "idp"}
"""Namespaces and prefixes that belong to allauth; its own tests cover their rules."""


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = ":".join(part for part in (namespace, entry.namespace or "") if part)
            yield from names(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{namespace}:{entry.name}" if namespace else entry.name


def is_ours(name: str) -> bool:
    return name.split(":")[0].split("_")[0] not in FOREIGN


def test_every_route_stands_in_the_matrix() -> None:
    missing = {name for name in names(get_resolver()) if is_ours(name)} - {
        route.name for route in all_routes()
    }
    assert not missing, f"add to tests/<room>/routes.py: {sorted(missing)}"


@pytest.mark.django_db
@pytest.mark.parametrize("person", CAST)
@pytest.mark.parametrize("route", all_routes(), ids=str)
def test_route_answers_as_the_matrix_says(
    route: Route, person: str, client: Client, request: pytest.FixtureRequest
) -> None:
    args = [request.getfixturevalue(name).pk for name in route.args]
    for name in CAST[1:]:
        request.getfixturevalue(name)
    if person != "anonymous":
        client.force_login(request.getfixturevalue(person))
    address = reverse(route.name, args=args)

    answer = (
        client.generic(route.method, address)
        if not route.data
        else client.post(address, dict(route.data))
    )

    assert answer.status_code == route.status_for(person)
