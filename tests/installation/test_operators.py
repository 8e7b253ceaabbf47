"""The right of the installation: given, taken, never lost, and worth nothing inside a tenant."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from access.permissions import Permission
from access.policy import PermissionDenied
from accounts.models import Organization, User
from accounts.services import operators
from audit.models import AuditRecord, Outcome
from deployments.models import Deployment
from tests.factories import actor
from web.errors import Conflict


def operator(*words: str) -> str:
    out = StringIO()
    call_command("operator", *words, stdout=out)
    return out.getvalue()


def test_an_operator_holds_no_right_inside_an_organization(
    opal: User, acme: Organization, etl: Deployment
) -> None:
    held = {*actor(opal).permissions_on(acme), *actor(opal).permissions_on(etl)}

    assert {right.split(".")[0] for right in held} == {"installation"}


def test_an_owner_holds_no_right_of_the_installation(olivia: User, acme: Organization) -> None:
    held = actor(olivia).permissions_on(acme)

    assert not [right for right in held if right.startswith("installation.")]
    assert Permission.ORGANIZATION_UPDATE in held


def test_the_right_is_given_and_taken_and_written_down(opal: User, mia: User) -> None:
    assert operators.grant_operator(mia, actor=actor(opal)).is_operator
    assert User.objects.filter(is_operator=True).count() == 2

    operators.revoke_operator(mia, actor=actor(opal))
    assert User.objects.get(is_operator=True) == opal
    rows = AuditRecord.objects.filter(organization_id="installation").order_by("id")
    assert [(row.action, row.actor_label, row.after) for row in rows] == [
        ("accounts.grant_operator", "opal@example.com", {"is_operator": True}),
        ("accounts.revoke_operator", "opal@example.com", {"is_operator": False}),
    ]


def test_the_last_operator_who_can_sign_in_stays(opal: User, mia: User) -> None:
    User.objects.filter(pk=mia.pk).update(is_operator=True, status=User.Status.INACTIVE)

    with pytest.raises(Conflict, match="last operator"):
        operators.revoke_operator(opal, actor=actor(opal))

    opal.refresh_from_db()
    assert opal.is_operator


def test_nobody_else_gives_it(olivia: User) -> None:
    with pytest.raises(PermissionDenied) as refusal:
        operators.grant_operator(olivia, actor=actor(olivia))

    assert refusal.value.remedy == "Ask an operator of this installation."
    row = AuditRecord.objects.get(action="accounts.grant_operator")
    assert (row.outcome, row.organization_id) == (Outcome.REFUSED, "installation")


def test_a_right_that_was_taken_shuts_the_pages_at_the_next_request(
    client: Client, opal: User, mia: User
) -> None:
    mia = operators.grant_operator(mia, actor=actor(opal))
    client.force_login(opal)
    assert client.get(reverse("installation:operators")).status_code == 200

    operators.revoke_operator(opal, actor=actor(mia))

    assert client.get(reverse("installation:operators")).status_code == 404


def test_the_command_lists_gives_and_takes(opal: User, mia: User) -> None:
    assert operator("grant", "MIA@example.com") == "mia@example.com is an operator now.\n"
    assert operator("list") == "mia@example.com\tACTIVE\tMia\nopal@example.com\tACTIVE\tOpal\n"
    assert operator("revoke", opal.email) == "opal@example.com is no operator any more.\n"
    with pytest.raises(CommandError, match="last operator of the installation"):
        operator("revoke", mia.email)
    with pytest.raises(CommandError, match=r"Nobody has the e-mail address x@example\.com"):
        operator("grant", "x@example.com")
    assert AuditRecord.objects.filter(action="accounts.grant_operator", door="cli").count() == 1


def test_the_way_in_stands_in_the_menu_of_operators_alone(
    client: Client, opal: User, mia: User
) -> None:
    for person, is_shown in ((opal, True), (mia, False)):
        client.force_login(person)
        page = client.get(reverse("accounts:profile")).content.decode()
        assert ('href="/installation/"' in page) is is_shown
        found = client.get("/palette", {"q": "operators"}).content.decode()
        assert ("/installation/operators/" in found) is is_shown


def test_an_unknown_address_is_named_at_its_field(client: Client, opal: User) -> None:
    client.force_login(opal)

    answer = client.post(reverse("installation:operators"), {"email": "x@example.com"})

    assert answer.status_code == 422
    assert "Nobody has this address" in answer.content.decode()
