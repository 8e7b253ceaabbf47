"""Saved filters of the audit log: a name for a narrowing, one's own or everybody's who reads it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from access.roles import Role
from accounts.models import AuditFilter, Organization, User
from accounts.services import audit_filters
from tests import factories
from web.errors import Conflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def omar(acme: Organization) -> User:
    return factories.member("omar", acme, Role.ORGANIZATION_OWNER)


def keep(organization: Organization, owner: User, name: str, *, is_shared: bool) -> AuditFilter:
    return audit_filters.save_filter(
        organization,
        name=name,
        narrowing="outcome=REFUSED",
        is_shared=is_shared,
        actor=factories.actor(owner),
    )


def test_what_is_shown_is_saved_and_leads_back(
    client: Client, acme: Organization, olivia: User
) -> None:
    client.force_login(olivia)
    log = reverse("accounts:audit", args=[acme.pk])
    page = client.get(log + "?outcome=REFUSED").content.decode()
    place = reverse("accounts:audit_filters", args=[acme.pk]) + "?outcome=REFUSED"
    assert place in page

    answer = client.post(place, {"name": "Refusals"})

    assert answer["Location"] == log + "?outcome=REFUSED"
    assert "Refusals" in client.get(log).content.decode()


def test_others_see_only_what_is_shared(
    client: Client, acme: Organization, olivia: User, omar: User
) -> None:
    keep(acme, olivia, "Mine", is_shared=False)
    keep(acme, olivia, "Ours", is_shared=True)
    client.force_login(omar)

    page = client.get(reverse("accounts:audit_filters", args=[acme.pk])).content.decode()

    assert "Ours" in page
    assert "Mine" not in page


def test_what_somebody_else_keeps_for_themself_is_not_there_to_remove(
    client: Client, acme: Organization, olivia: User, omar: User
) -> None:
    kept = keep(acme, olivia, "Mine", is_shared=False)
    client.force_login(omar)

    address = reverse("accounts:audit_filter_remove", args=[acme.pk, kept.pk])

    assert client.post(address).status_code == 404
    assert AuditFilter.objects.filter(pk=kept.pk).exists()


def test_a_name_is_taken_once_whatever_its_case(
    client: Client, acme: Organization, olivia: User
) -> None:
    keep(acme, olivia, "Refusals", is_shared=False)

    with pytest.raises(Conflict, match="by this name"):
        keep(acme, olivia, "REFUSALS", is_shared=False)


def test_nothing_narrowed_is_nothing_to_keep(
    client: Client, acme: Organization, olivia: User
) -> None:
    client.force_login(olivia)

    answer = client.post(reverse("accounts:audit_filters", args=[acme.pk]), {"name": "All"})

    assert answer.status_code == 422
    assert not AuditFilter.objects.exists()
