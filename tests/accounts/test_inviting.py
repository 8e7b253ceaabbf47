"""Inviting a list: the good ones are kept, everything else is named."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.policy import ExceedsOwnRights
from access.roles import Role
from accounts.models import CustomRole, Invitation, Organization, OrganizationRoleBinding, User
from accounts.services import invitations, invitees
from tests import factories
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = pytest.mark.django_db
LINK = re.compile(r"/invitation/c[0-9a-z]{24}/[\w-]{43}/")


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        ("nina@example.com", ["nina@example.com"]),
        ("a@x.org,b@x.org;c@x.org\nd@x.org e@x.org", [f"{name}@x.org" for name in "abcde"]),
        ("Nina Berg <Nina@Example.com>", ["nina@example.com"]),
        ('"Berg, Nina" <nina@x.org>, Max <max@x.org>', ["nina@x.org", "max@x.org"]),
        ("a@x.org Nina Berg <nina@x.org> b@x.org", ["a@x.org", "nina@x.org", "b@x.org"]),
        ("  \n,, ;\n", []),
    ],
)  # fmt: skip
def test_addresses_are_found_however_they_are_written(typed: str, addresses: list[str]) -> None:
    found = invitees.read(typed)
    assert (list(found.addresses), found.bad) == (addresses, ())


@pytest.mark.parametrize(
    "typed",
    ["nina", "nina@", "@x.org", "a@b@c.org", "Nina <>", "Nina <nina", f"{'a' * 250}@x.org", '"'],
)
def test_what_is_no_address_is_named_as_it_was_typed(typed: str) -> None:
    found = invitees.read(f"good@x.org, {typed}")
    assert found.addresses == ("good@x.org",)
    assert found.bad


def test_a_long_text_without_an_address_is_read_at_once() -> None:
    assert invitees.read('"' * 10_000 + "< " * 5_000).addresses == ()


@pytest.fixture
def browser(client: Client, olivia: User) -> Client:
    client.force_login(olivia)
    return client


def invite(browser: Client, acme: Organization, text: str, **more: Any) -> Any:
    given = {"email": text, "role": "ORGANIZATION_MEMBER"} | more
    return browser.post(reverse("workspaces:invite", args=[acme.pk]), given)


def test_the_good_ones_are_invited_and_the_others_named(
    browser: Client, acme: Organization, mia: User, invitation: Invitation
) -> None:
    answer = invite(
        browser, acme, "New@example.com, MIA@example.com\nnina@example.com, nobody, new@example.com"
    )

    told = answer.context["told"]
    assert [each.email for each in told.made] == ["new@example.com"]
    assert [words.split()[0] for words in told.known] == ["mia@example.com", "nina@example.com"]
    assert (told.bad, told.repeated) == (("nobody",), ("new@example.com",))
    shown = answer.content.decode()
    assert len(set(LINK.findall(shown))) == 1
    assert "is a member already" in shown
    assert answer["Cache-Control"] == "no-store"


def test_where_nobody_is_left_the_form_keeps_what_was_typed(
    browser: Client, acme: Organization, mia: User
) -> None:
    answer = invite(browser, acme, "mia@example.com, nobody")

    assert answer.status_code == 422
    (words,) = answer.context["form"].errors["email"]
    assert "mia@example.com is a member already." in words
    assert "nobody is not an e-mail address." in words
    assert "mia@example.com, nobody</textarea>" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_sent_twice_it_invites_once(browser: Client, acme: Organization) -> None:
    for _ in range(2):
        answer = invite(browser, acme, "new@example.com")
    assert answer.status_code == 422
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"days": "0"}, "days"),
        ({"days": "31"}, "days"),
        ({"days": "x"}, "days"),
        ({"role": "WORKSPACE_OWNER"}, "role"),
        ({"workspaces": ["nowhere"]}, "workspaces"),
        ({"workspaces": [], "workspace_role": "DEPLOYMENT_ADMIN"}, "workspace_role"),
        ({"email": ", ".join(f"p{n}@x.org" for n in range(101))}, "email"),
        ({"email": ""}, "email"),
    ],
)
def test_a_wrong_field_is_named(
    browser: Client, acme: Organization, science: Workspace, more: dict[str, Any], field: str
) -> None:
    answer = invite(browser, acme, "new@example.com", **more)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not Invitation.objects.exists()


def test_another_organizations_workspace_cannot_be_chosen(
    browser: Client, acme: Organization, science: Workspace, lab: Workspace
) -> None:
    answer = invite(browser, acme, "new@example.com", workspaces=[lab.pk])
    assert answer.context["form"].errors.keys() == {"workspaces"}


def test_several_workspaces_are_offered_at_once(
    browser: Client, acme: Organization, science: Workspace
) -> None:
    art = Workspace.objects.create(organization=acme, name="Art")
    chosen = {"workspaces": [science.pk, art.pk], "workspace_role": "WORKSPACE_AUTHOR"}
    invite(browser, acme, "nina@example.com", **chosen)

    nina = factories.user("nina")
    invitations.accept(Invitation.objects.get(), nina, actor=factories.actor(nina))

    roles = WorkspaceRoleBinding.objects.filter(user=nina).order_by("workspace__name")
    assert [(row.workspace.name, row.role) for row in roles] == [
        ("Art", "WORKSPACE_AUTHOR"), ("Data Science", "WORKSPACE_AUTHOR"),
    ]  # fmt: skip


def test_an_invitation_lasts_as_chosen_and_so_does_its_next_link(
    browser: Client, acme: Organization
) -> None:
    invite(browser, acme, "nina@example.com", days="30")
    made = Invitation.objects.get()
    lasts(made, 30)
    Invitation.objects.update(expires_at=timezone.now())

    browser.post(reverse("accounts:invitation_renew", args=[acme.pk, made.pk]))

    made.refresh_from_db()
    lasts(made, 30)


def lasts(invitation: Invitation, days: int) -> None:
    left = invitation.expires_at - timezone.now()
    assert timedelta(days=days) - timedelta(minutes=5) < left <= timedelta(days=days)


def test_a_new_one_takes_the_place_of_one_that_expired(
    browser: Client, acme: Organization, invitation: Invitation
) -> None:
    Invitation.objects.update(expires_at=timezone.now())
    invite(browser, acme, invitation.email)
    listed = browser.get(reverse("accounts:invitations", args=[acme.pk])).context["page"].rows
    assert [row.email for row in listed] == [invitation.email]
    assert listed[0].pk != invitation.pk


def test_nobody_invites_above_their_own_rights(
    mia: User, acme: Organization, science: Workspace
) -> None:
    """A role of the Organization may let somebody invite who is no Owner."""
    inviter = CustomRole.objects.create(
        organization=acme, scope_type="ORGANIZATION", name="Inviter",
        permissions=["organization.get", "organization.users.get", "organization.invites.create"],
    )  # fmt: skip
    OrganizationRoleBinding.objects.filter(user=mia).update(role="", custom_role=inviter)
    for role, workspaces in (
        (Role.ORGANIZATION_OWNER, {}),
        (Role.ORGANIZATION_MEMBER, {science.pk: Role.WORKSPACE_OWNER.value}),
    ):
        with pytest.raises(ExceedsOwnRights):
            invitations.invite(
                acme,
                email="friend@example.com",
                role=role,
                workspace_roles=workspaces,
                actor=factories.actor(mia),
            )
    assert not Invitation.objects.exists()


def test_a_letter_case_never_makes_a_second_account(
    browser: Client, acme: Organization, umbrella: Organization, oscar: User
) -> None:
    """Oscar has an account elsewhere; invited as OSCAR, he joins with it."""
    answer = invite(browser, acme, "OSCAR <OSCAR@Example.COM>")
    link = LINK.search(answer.content.decode())
    assert link is not None

    guest = Client()
    page = guest.get(link[0], follow=True).content.decode()
    assert "Sign in to join" in page
    signed = guest.post(
        reverse("account_login"), {"login": "Oscar@EXAMPLE.com", "password": factories.PASSWORD}
    )
    assert signed.status_code == 302
    assert guest.post(reverse("accounts:invitation_accept")).status_code == 302
    assert User.objects.filter(email__iexact="oscar@example.com").count() == 1
    assert OrganizationRoleBinding.objects.filter(user=oscar, organization=acme).exists()
