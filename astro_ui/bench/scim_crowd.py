"""Tenants of identity providers: domains, tokens, and as many people as a question needs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from access.actor import system
from access.ids import cuid
from access.roles import Role
from accounts.models import Organization, ProvisionedUser, SsoDomain
from accounts.services import organization_tokens
from astro_ui.bench.scim_load import Client, Headers, person


@dataclass(frozen=True)
class Tenant:
    organization: Organization
    base: str
    headers: Headers

    def connect(self) -> Client:
        return Client(self.base, self.headers)


def tenant(name: str, base_url: str, *, domain: str = "") -> Tenant:
    """An Organization with SCIM on, whose domain, if it has one, is proven."""
    made = Organization.objects.create(name=name, is_scim_on=True)
    if domain:
        SsoDomain.objects.create(organization=made, domain=domain, proven_at=timezone.now())
    token = organization_tokens.create_token(
        made, name="idp", role=Role.ORGANIZATION_OWNER, actor=system("bench")
    )
    base = f"{base_url}/scim/v2/{made.pk}"
    return Tenant(made, base, {"Authorization": f"Bearer {token.value}"})


def fill(organization: Organization, count: int) -> list[str]:
    """People straight into the database, without accounts; answers their ids."""
    ids = [cuid() for _ in range(count)]
    now = timezone.now()
    names = (
        "id", "organization_id", "user_name", "user_name_key", "external_id", "is_active",
        "says_active", "email",
        "full_name", "attributes", "version", "created_at", "updated_at",
    )  # fmt: skip
    table = ProvisionedUser._meta.db_table
    with connection.cursor() as cursor:
        text = f"COPY {table} ({', '.join(names)}) FROM STDIN"
        with cursor.copy(text) as copy:
            for number, each in enumerate(ids):
                sent = person(f"p{number}")
                name = sent.pop("userName")
                external = sent.pop("externalId")
                del sent["schemas"], sent["active"]
                copy.write_row(
                    (each, organization.pk, name, name, external, True, True, name, "Person",
                     json.dumps(sent), 1, now, now)
                )  # fmt: skip
    return ids


def settle() -> None:
    """What the database does by itself some time after so many rows."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
