"""A question whose text is worked out once answers as its QuerySet would, every time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken, Organization
from deployments.models import Deployment, StatusChange
from web.prepared import Prepared, insert, save, update, with_constants

BY_ID = Prepared(
    lambda pk: Deployment.objects.filter(pk=pk).select_related("workspace__organization").order_by()
)


def test_it_answers_for_each_value_anew(etl: Deployment, secret_lab: Deployment) -> None:
    assert BY_ID.first(etl.pk) == etl
    assert BY_ID.first(secret_lab.pk) == secret_lab
    assert BY_ID.first("nobody") is None


def test_it_reads_what_stands_there_now(etl: Deployment) -> None:
    BY_ID.first(etl.pk)
    Deployment.objects.filter(pk=etl.pk).update(description="new", contact_emails=["a@example.com"])

    found = BY_ID.first(etl.pk)

    assert found
    assert (found.description, found.contact_emails) == ("new", ["a@example.com"])
    assert found.created_at == etl.created_at


def test_related_rows_come_with_it(etl: Deployment) -> None:
    with CaptureQueriesContext(connection) as asked:
        found = BY_ID.first(etl.pk)
        assert found
        assert found.workspace.organization.name == "Acme"
    assert len(asked) == 1


def test_postgresql_plans_it_once_for_a_connection(etl: Deployment) -> None:
    for _ in range(3):
        assert BY_ID.first(etl.pk) == etl
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(generic_plans) FROM pg_prepared_statements"
            " WHERE statement LIKE 'SELECT \"deployments_deployment\"%%'"
        )
        (uses,) = cursor.fetchone()
    assert uses >= 3


def test_constants_stand_in_the_text_as_they_are() -> None:
    text, left = with_constants(
        "SELECT %s WHERE a = %s AND b = %s AND c @> %s", ["it's 100%", "who", 7, ["x"]], {"who"}
    )
    assert text == "SELECT 'it''s 100%%' WHERE a = %s AND b = 7 AND c @> '{x}'"
    assert left == ("who",)


def test_where_a_pool_keeps_none_nothing_is_prepared(etl: Deployment, settings: Any) -> None:
    settings.PREPARES_STATEMENTS = False
    with CaptureQueriesContext(connection) as asked:
        assert BY_ID.first(etl.pk) == etl
    assert "$1" not in asked[0]["sql"]


def test_fields_are_written_while_others_are_as_said(etl: Deployment) -> None:
    assert update(etl, {"description": "new"}, status="CREATING") is False
    assert update(etl, {"description": "new", "contact_emails": ["a@b.example"]}, name=etl.name)
    etl.wish = "STOPPED"
    save(etl, "wish")

    etl.refresh_from_db()
    assert (etl.description, etl.contact_emails, etl.wish) == ("new", ["a@b.example"], "STOPPED")


def test_a_value_is_only_ever_a_value(etl: Deployment) -> None:
    assert BY_ID.first("' OR TRUE --") is None
    assert BY_ID.first("\x01value\x01") is None


def test_numbers_are_ids_too(etl: Deployment) -> None:
    move = StatusChange.objects.create(
        deployment=etl, origin="HEALTHY", target="UNKNOWN", trigger="lost"
    )
    by_number = Prepared(lambda pk: StatusChange.objects.filter(pk=pk).order_by())
    assert by_number.first(move.pk) == move


@pytest.mark.django_db(transaction=True)
def test_threads_ask_over_connections_of_their_own(acme: Organization) -> None:
    by_id = Prepared(lambda pk: ApiToken.objects.filter(pk=pk).order_by())

    def ask(_: int) -> ApiToken | None:
        try:
            return by_id.first("nobody")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as several:
        assert list(several.map(ask, range(8))) == [None] * 8


def test_an_inserted_row_is_the_one_that_saving_would_have_made(etl: Deployment) -> None:
    move = insert(StatusChange(deployment=etl, origin="HEALTHY", target="UNKNOWN", trigger="lost"))
    assert move.pk
    assert not move._state.adding
    kept = StatusChange.objects.get(pk=move.pk)
    assert (kept.deployment, kept.target, kept.reason, kept.at) == (etl, "UNKNOWN", "", move.at)


def test_what_the_database_refuses_is_not_inserted(acme: Organization) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Organization(pk=acme.pk, name="Acme once more"))
    assert Organization.objects.get(pk=acme.pk).name == "Acme"
