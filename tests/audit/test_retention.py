"""What an Organization keeps no longer goes, from the beginning only, and the chain holds."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import tasks
from accounts.models import Organization, User
from accounts.services import organizations
from audit import heads, retention, sealing
from audit.models import AuditRecord, Checkpoint, Seal
from audit.verify import verify
from tests import factories
from tests.audit.rows import written
from tests.audit.tampering import tamper
from web.errors import InvalidInput


@pytest.fixture
def old(acme: Organization, heads_file: Path) -> list[AuditRecord]:
    """Three seals of Acme, 100, 95 and 10 days old."""
    rows = []
    for days in (100, 95, 10):
        at = timezone.now() - timedelta(days=days)
        rows.append(written(f"{days} days ago", at=at, organization=acme.pk))
        with mock.patch("django.utils.timezone.now", return_value=at):
            sealing.seal_all()
            heads.publish()
    return rows


def left() -> list[str]:
    return list(AuditRecord.objects.order_by("id").values_list("action", flat=True))


def test_what_is_older_than_it_keeps_goes_and_the_log_says_so(
    old: list[AuditRecord], acme: Organization, olivia: User
) -> None:
    written("of another", at=timezone.now() - timedelta(days=100), organization="umbrella")
    organizations.update_organization(
        acme,
        name="Acme",
        allows_deprecated_runtimes=False,
        audit_retention_days=90,
        api_token_max_days=None,
        actor=factories.actor(olivia),
    )

    tasks.expire_audit()

    assert left() == [
        "10 days ago", "of another", "accounts.update_organization",
        "accounts.remove_expired_audit",
    ]  # fmt: skip
    row = AuditRecord.objects.get(action="accounts.remove_expired_audit")
    assert (row.actor_label, row.after["removed_rows"]) == ("retention", 2)
    sealing.seal_all()
    heads.publish()
    assert (verify().findings, verify().rows) == ([], 4)


def test_without_a_limit_nothing_goes(old: list[AuditRecord]) -> None:
    tasks.expire_audit()

    assert len(left()) == 3


@pytest.mark.parametrize("days", [0, 89, 3651])
def test_a_limit_is_at_least_a_quarter(acme: Organization, olivia: User, days: int) -> None:
    with pytest.raises(InvalidInput):
        organizations.update_organization(
            acme,
            name="Acme",
            allows_deprecated_runtimes=False,
            audit_retention_days=days,
            api_token_max_days=None,
            actor=factories.actor(olivia),
        )


def test_the_last_seal_stays_however_old(old: list[AuditRecord], acme: Organization) -> None:
    assert retention.remove(acme.pk, before=timezone.now()) == 2
    assert retention.remove(acme.pk, before=timezone.now()) == 0

    assert [seal.number for seal in Seal.objects.all()] == [3]
    assert verify().findings == []


def test_rows_that_are_not_sealed_stay(acme: Organization) -> None:
    written("old and unsealed", at=timezone.now() - timedelta(days=100), organization=acme.pk)

    assert retention.remove(acme.pk, before=timezone.now()) == 0


def test_the_database_lets_nothing_else_go(old: list[AuditRecord], acme: Organization) -> None:
    retention.remove(acme.pk, before=timezone.now() - timedelta(days=97))

    for statement in (
        "DELETE FROM audit_auditrecord",
        "DELETE FROM audit_seal WHERE number = 2",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_checkpoint SET number = 2",
        "INSERT INTO audit_checkpoint (organization_id, number, statement)"
        " SELECT organization_id, 2, statement FROM audit_checkpoint",
        "INSERT INTO audit_checkpoint (organization_id, number, statement) SELECT organization_id,"
        " 3, json_build_object('head', encode(head, 'hex')) FROM audit_seal WHERE number = 3",
    ):
        with (
            pytest.raises(DatabaseError, match=r"append-only|no seal"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert len(left()) == 2


def test_a_checkpoint_that_nobody_signed_is_found(
    old: list[AuditRecord], acme: Organization
) -> None:
    forged = {"organization": acme.pk, "number": 2, "rows": 2}
    head = bytes(Seal.objects.get(number=2).head).hex()
    Checkpoint.objects.create(
        organization_id=acme.pk, number=2, statement=forged | {"head": head, "signature": "AAAA"}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_auditrecord WHERE id = ANY(%s)", [[r.pk for r in old[:2]]]
        )
        cursor.execute("DELETE FROM audit_seal WHERE number < 3")

    findings = " ".join(verify().findings)

    assert "up to seal 2 is not signed by this console" in findings
    assert "seals 1 to 2 are missing" in findings


def test_a_checkpoint_of_another_place_is_found(old: list[AuditRecord], acme: Organization) -> None:
    retention.remove(acme.pk, before=timezone.now() - timedelta(days=97))
    tamper("UPDATE audit_checkpoint SET organization_id = 'other', number = 9")

    assert "is not signed by this console" in " ".join(verify().findings)


def test_more_than_was_removed_in_order_is_missed(
    old: list[AuditRecord], acme: Organization
) -> None:
    retention.remove(acme.pk, before=timezone.now() - timedelta(days=97))
    tamper(
        "DELETE FROM audit_auditrecord WHERE id = %(id)s",
        "DELETE FROM audit_seal WHERE number = 2",
        id=old[1].pk,
    )

    assert "seal 2 is missing" in " ".join(verify().findings)
    assert json.loads(json.dumps(Checkpoint.objects.get().statement))["rows"] == 1
