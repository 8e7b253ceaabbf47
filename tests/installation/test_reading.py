"""An operator who reads what is a tenant's does so in that tenant's log, and reads no secret."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from access.policy import PermissionDenied
from accounts.models import Organization, User
from audit.models import AuditRecord
from deployments.models import Deploy, Deployment, EnvironmentVariable
from installation import services
from tests.factories import actor


def rows(organization: Organization) -> list[tuple[str, str, str]]:
    found = AuditRecord.objects.filter(organization_id=organization.pk, action="operator.read")
    return list(found.values_list("actor_label", "target_type", "target_label"))


def test_every_look_is_a_row_in_the_tenants_log(
    client: Client, opal: User, olivia: User, acme: Organization, etl: Deployment, shipped: Deploy
) -> None:
    client.force_login(opal)
    page = client.get(reverse("installation:tenant", args=[acme.pk])).content.decode()
    assert "prod-etl" in page
    assert "olivia@example.com" in page
    assert "sees it in its audit log" in page
    client.get(reverse("installation:deployment", args=[etl.pk]))
    client.get(reverse("installation:deployment", args=[etl.pk]))

    assert sorted(rows(acme)) == [
        ("opal@example.com", "Deployment", "prod-etl"),
        ("opal@example.com", "Deployment", "prod-etl"),
        ("opal@example.com", "Organization", "Acme"),
    ]
    client.force_login(olivia)
    log = client.get(reverse("accounts:audit", args=[acme.pk]), {"action": "operator.read"})
    assert log.content.decode().count("opal@example.com") >= 3


def test_the_installations_own_list_is_no_look_inside(
    client: Client, opal: User, acme: Organization, etl: Deployment
) -> None:
    client.force_login(opal)
    for name in ("installation:organizations", "installation:operations", "installation:health"):
        client.get(reverse(name))
    page = client.get(reverse("installation:organization", args=[acme.pk])).content.decode()

    assert rows(acme) == []
    assert "prod-etl" not in page
    assert "is written into its audit log" in page


def test_no_row_no_page(
    client: Client,
    opal: User,
    acme: Organization,
    etl: Deployment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DatabaseError("no disk left")

    monkeypatch.setattr(services, "record", refuse)
    client.force_login(opal)
    client.raise_request_exception = False

    answer = client.get(reverse("installation:deployment", args=[etl.pk]))

    assert answer.status_code == 500
    assert b"prod-etl" not in answer.content


def test_what_is_secret_stays_so(client: Client, opal: User, etl: Deployment) -> None:
    EnvironmentVariable.objects.create(deployment=etl, key="DB_PASSWORD", value="hunter2")
    client.force_login(opal)

    page = client.get(reverse("installation:deployment", args=[etl.pk])).content.decode()

    assert "DB_PASSWORD" not in page
    assert "hunter2" not in page
    assert client.get(reverse("deployments:detail", args=[etl.pk])).status_code == 404
    assert client.get(reverse("deployments:environment", args=[etl.pk])).status_code == 404


def test_an_owner_reads_no_other_tenant_that_way(
    olivia: User, umbrella: Organization, secret_lab: Deployment
) -> None:
    with pytest.raises(PermissionDenied):
        services.read_organization(umbrella, actor=actor(olivia))
    with pytest.raises(PermissionDenied):
        services.read_deployment(secret_lab, actor=actor(olivia))

    assert rows(umbrella) == []
