"""The palette finds objects and actions, and only what this person may see and do."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organization, User
from deployments.models import Deployment
from tests import factories
from workspaces.models import Workspace


def found(client: Client, words: str) -> str:
    answer = client.get("/palette", {"q": words}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_owner_finds_objects_pages_and_actions(
    client: Client, olivia: User, mia: User, science: Workspace, etl: Deployment
) -> None:
    client.force_login(olivia)

    assert "Data Science" in found(client, "science")
    assert "prod-etl" in found(client, "etl prod")
    assert "mia@example.com" in found(client, "mia")
    assert "Audit log" in found(client, "audit")
    assert "Invite nina@example.com to Acme" in found(client, "nina@example.com")
    assert "Hibernate prod-etl" in found(client, "hibernate etl")


def test_a_member_is_offered_no_action_that_would_be_refused(
    client: Client, mia: User, science: Workspace, etl: Deployment
) -> None:
    client.force_login(mia)

    for words in ("create", "invite", "hibernate", "science", "etl", "audit"):
        text = found(client, words)
        assert "palette__item" not in text, words


def test_other_organizations_are_not_found(
    client: Client, olivia: User, lab: Workspace, secret_lab: Deployment
) -> None:
    client.force_login(olivia)

    assert "Nothing matches" in found(client, "secret-lab")
    assert "Nothing matches" in found(client, "oscar")


def test_an_author_deploys_but_does_not_hibernate(
    client: Client, wanda: User, etl: Deployment
) -> None:
    client.force_login(wanda)

    assert "Hibernate prod-etl" not in found(client, "etl")


def test_it_works_without_javascript(client: Client, olivia: User, science: Workspace) -> None:
    client.force_login(olivia)

    text = client.get("/palette?q=science").content.decode()

    assert "<html" in text
    assert "Data Science" in text


def test_it_asks_the_same_for_two_rows_and_two_thousand(
    client: Client, olivia: User, acme: Organization, science: Workspace
) -> None:
    template = factories.deployment(science, "dag-runner-first")
    client.force_login(olivia)
    words = ("runner-77", "hibernate runner", "d", "")
    few = [asked(client, each) for each in words]
    Deployment.objects.bulk_create(
        Deployment(
            organization=acme,
            workspace=science,
            cluster=template.cluster,
            name=f"dag-runner-{number}",
            namespace=f"calm-river-{number}",
            runtime_version="3.3-8",
            status="HEALTHY",
        )
        for number in range(2_000)
    )

    assert [asked(client, each) for each in words] == few


def asked(client: Client, words: str) -> int:
    found(client, words)
    with CaptureQueriesContext(connection) as queries:
        found(client, words)
    return len(queries)


def test_who_may_not_see_people_finds_none(client: Client, acme: Organization, mia: User) -> None:
    nina = factories.user("nina")
    factories.holding(nina, acme, "organization.get")
    client.force_login(nina)

    assert "mia@example.com" not in found(client, "mia")
