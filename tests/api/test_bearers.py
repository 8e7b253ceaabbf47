"""Whose bearer is refused, with which words: JSON with a request id, 401 or 403."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.utils import timezone

from access.actor import system
from access.roles import Role
from accounts.models import ApiToken, Organization
from accounts.services import organization_tokens, token_addresses, tokens
from audit.models import AuditRecord, Outcome
from web.errors import InvalidInput

pytestmark = pytest.mark.django_db


def call(value: str, address: str = "127.0.0.1") -> Any:
    headers = {"Authorization": f"Bearer {value}"}
    return Client().get("/v1/organizations", headers=headers, REMOTE_ADDR=address)


def refused(answer: Any, status: int, words: str) -> None:
    said = answer.json()
    assert (answer.status_code, said["statusCode"]) == (status, status)
    assert said["requestId"] == answer["X-Request-Id"]
    assert words in said["message"]


def bound(acme: Organization, *ranges: str) -> ApiToken:
    return organization_tokens.create_token(
        acme, name="bound", role=Role.ORGANIZATION_MEMBER, address_ranges=ranges,
        actor=system("test"),
    )  # fmt: skip


@pytest.mark.parametrize("value", ["", "nothing", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "x" * 9000])
def test_what_is_no_token_is_refused(acme: Organization, value: str) -> None:
    answer = call(value)
    refused(answer, 401, "not an API token of this console")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_of_another_console_is_refused(robot_token: ApiToken) -> None:
    said = jwt.decode(robot_token.value, options={"verify_signature": False})
    foreign = jwt.encode(said, Ed25519PrivateKey.generate(), algorithm=tokens.ALGORITHM)
    refused(call(foreign), 401, "not an API token of this console")


def test_one_that_was_good_a_moment_ago_is_asked_anew(robot_token: ApiToken) -> None:
    assert call(robot_token.value).status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(call(robot_token.value), 401, "has expired")


def test_an_expired_one_says_so(robot_token: ApiToken) -> None:
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(call(robot_token.value), 401, "has expired")


def test_a_deleted_one_says_so(robot_token: ApiToken) -> None:
    tokens.revoke(robot_token)
    refused(call(robot_token.value), 401, "was deleted")


def test_one_that_is_gone_with_its_organization_says_the_same(
    acme: Organization, robot_token: ApiToken
) -> None:
    acme.delete()
    refused(call(robot_token.value), 401, "was deleted")


def test_a_rotated_one_says_so(robot_token: ApiToken) -> None:
    old = robot_token.value
    tokens.rotate(robot_token, claims=("organizationId:x",), actor=system("tests"))
    refused(call(old), 401, "was rotated")


@pytest.mark.parametrize(
    ("ranges", "address", "status"),
    [
        (["10.0.0.0/8"], "10.20.30.40", 200),
        (["10.0.0.0/8"], "11.0.0.1", 403),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", 200),
        (["2001:db8::/32"], "2001:db8::7", 200),
        (["2001:db8::/32"], "2001:db9::7", 403),
        (["2001:db8::/32", "192.0.2.7"], "192.0.2.7", 200),
        (["192.0.2.7"], "192.0.2.8", 403),
        (["0.0.0.0/0"], "2001:db8::7", 403),
        (["10.0.0.0/8"], "", 403),
        ([], "198.51.100.1", 200),
    ],
)
def test_a_bound_token_counts_only_from_its_networks(
    acme: Organization, ranges: list[str], address: str, status: int
) -> None:
    assert call(bound(acme, *ranges).value, address).status_code == status


def test_the_refusal_of_a_foreign_address_is_readable_and_written_down(acme: Organization) -> None:
    made = bound(acme, "10.0.0.0/8")
    answer = call(made.value, "198.51.100.1")

    refused(answer, 403, "198.51.100.1 is in none of them")
    row = AuditRecord.objects.get(action="accounts.use_token")
    assert (row.outcome, row.actor_id, row.target_id) == (Outcome.REFUSED, made.pk, made.pk)
    assert (row.source_ip, row.request_id) == ("198.51.100.1", answer["X-Request-Id"])
    made.refresh_from_db()
    assert made.last_used_at is None


def test_a_header_does_not_move_the_caller(acme: Organization) -> None:
    made = bound(acme, "10.0.0.0/8")
    headers = {"Authorization": f"Bearer {made.value}", "X-Forwarded-For": "10.0.0.1"}
    assert Client().get("/v1/organizations", headers=headers).status_code == 403


def test_where_it_was_last_used_is_kept(robot_token: ApiToken) -> None:
    call(robot_token.value, "192.0.2.9")
    robot_token.refresh_from_db()
    assert robot_token.last_used_from == "192.0.2.9"


def test_networks_are_kept_in_one_way_of_writing() -> None:
    typed = token_addresses.split("10.1.2.3/8, 192.0.2.7\n2001:DB8::/32;10.0.0.0/8")
    assert token_addresses.normalized(typed) == ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]


@pytest.mark.parametrize(
    "typed", ["10.0.0.0/33", "localhost", "10.0.0", "::/129", "1.2.3.4/a", "é"]
)
def test_what_is_no_network_is_named(typed: str) -> None:
    with pytest.raises(InvalidInput, match="Not an address range"):
        token_addresses.normalized([typed])
