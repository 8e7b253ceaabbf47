"""What an invitation promises, from its link to membership."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from access.policy import PermissionDenied
from access.roles import Role
from accounts.models import Invitation, Organization, OrganizationRoleBinding, User
from accounts.services import invitations
from accounts.services.invitations import LinkEnded, WrongPerson
from audit.models import AuditRecord
from tests import factories
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace, WorkspaceRoleBinding

PASSWORD = "quiet-harbour-71"


def invite(by: User, organization: Organization, email: str = "nina@example.com") -> Invitation:
    return invitations.invite(
        organization, email=email, role=Role.ORGANIZATION_MEMBER, actor=factories.actor(by)
    )


def path_of(invitation: Invitation) -> str:
    return "/" + invitation.link.split("/", 3)[3]


def parts_of(invitation: Invitation) -> tuple[str, str]:
    _, secret = path_of(invitation).strip("/").split("/")[1:]
    return invitation.pk, secret


def test_an_invitation_lasts_seven_days_and_keeps_only_a_hash(
    olivia: User, acme: Organization
) -> None:
    made = invite(olivia, acme)

    stored = Invitation.objects.get(pk=made.pk)
    _, secret = parts_of(made)
    left = stored.expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    assert re.fullmatch(r"[0-9a-f]{64}", stored.secret_hash)
    assert secret not in str(AuditRecord.objects.filter(target_id=made.pk).values())
    assert stored.link == ""


def test_a_member_may_not_invite(mia: User, acme: Organization) -> None:
    with pytest.raises(PermissionDenied):
        invite(mia, acme)


def test_a_member_is_not_invited_again_whatever_the_case(
    olivia: User, mia: User, acme: Organization
) -> None:
    with pytest.raises(Conflict) as refusal:
        invite(olivia, acme, "MIA@Example.com")
    assert "email" in refusal.value.fields


def test_one_address_has_one_open_invitation(olivia: User, acme: Organization) -> None:
    invite(olivia, acme)

    with pytest.raises(Conflict):
        invite(olivia, acme, "Nina@example.com")


def test_a_revoked_or_expired_invitation_makes_room_for_another(
    olivia: User, acme: Organization
) -> None:
    first = invite(olivia, acme)
    invitations.revoke_invitation(first, actor=factories.actor(olivia))
    second = invite(olivia, acme)
    Invitation.objects.filter(pk=second.pk).update(expires_at=timezone.now())

    invite(olivia, acme)


def test_only_roles_of_an_organization_can_be_offered(olivia: User, acme: Organization) -> None:
    with pytest.raises(InvalidInput):
        invitations.invite(
            acme, email="x@example.com", role=Role.WORKSPACE_OWNER, actor=factories.actor(olivia)
        )


def test_a_new_link_ends_the_old_one(olivia: User, acme: Organization) -> None:
    first = invite(olivia, acme)
    old = parts_of(first)

    renewed = invitations.renew_invitation(first, actor=factories.actor(olivia))

    with pytest.raises(LinkEnded):
        invitations.find(*old)
    assert invitations.find(*parts_of(renewed)).pk == first.pk


@pytest.mark.parametrize("secret", ["", "wrong", "0" * 64])
def test_a_guessed_secret_opens_nothing(invitation: Invitation, secret: str) -> None:
    with pytest.raises(LinkEnded):
        invitations.find(invitation.pk, secret)


def test_an_expired_link_says_so(olivia: User, acme: Organization) -> None:
    made = invite(olivia, acme)
    Invitation.objects.filter(pk=made.pk).update(expires_at=timezone.now())

    with pytest.raises(LinkEnded, match="its time is over"):
        invitations.find(*parts_of(made))


def test_accepting_gives_both_roles_once(
    olivia: User, acme: Organization, science: Workspace
) -> None:
    made = invitations.invite(
        acme,
        email="nina@example.com",
        role=Role.ORGANIZATION_BILLING_ADMIN,
        workspace_roles={science.pk: Role.WORKSPACE_AUTHOR.value},
        actor=factories.actor(olivia),
    )
    nina = factories.user("nina")

    invitations.accept(made, nina, actor=factories.actor(nina))

    assert OrganizationRoleBinding.objects.get(user=nina).role == "ORGANIZATION_BILLING_ADMIN"
    assert WorkspaceRoleBinding.objects.get(user=nina).role == "WORKSPACE_AUTHOR"
    with pytest.raises(LinkEnded):
        invitations.accept(made, nina, actor=factories.actor(nina))


def test_a_workspace_of_another_organization_is_never_granted(
    olivia: User, acme: Organization, lab: Workspace
) -> None:
    made = invitations.invite(
        acme,
        email="nina@example.com",
        role=Role.ORGANIZATION_MEMBER,
        workspace_roles={lab.pk: Role.WORKSPACE_OWNER.value},
        actor=factories.actor(olivia),
    )
    nina = factories.user("nina")

    invitations.accept(made, nina, actor=factories.actor(nina))

    assert not WorkspaceRoleBinding.objects.filter(user=nina).exists()


def test_somebody_else_cannot_accept(invitation: Invitation, oscar: User) -> None:
    with pytest.raises(WrongPerson, match=r"signed in as oscar@example\.com"):
        invitations.accept(invitation, oscar, actor=factories.actor(oscar))


def test_without_a_server_it_is_printed_and_the_link_is_shown(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.force_login(olivia)

    answer = client.post(
        reverse("workspaces:invite", args=[acme.pk]),
        {"email": "nina@example.com", "role": "ORGANIZATION_MEMBER"},
    )

    assert re.search(r"/invitation/c[0-9a-z]{24}/[\w-]{43}/", answer.content.decode())
    assert answer["Cache-Control"] == "no-store"
    assert "no mail server took it" in answer.content.decode()
    (printed,) = mail.outbox
    assert printed.to == ["nina@example.com"]


def test_with_mail_the_invited_address_gets_the_link(
    olivia: User,
    acme: Organization,
    settings: Settings,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    settings.HAS_MAIL = True
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        made = invite(olivia, acme)

    (sent,) = mail.outbox
    assert sent.to == ["nina@example.com"]
    assert made.link in sent.body
    assert "Acme" in sent.subject


def test_a_new_person_signs_up_with_the_invited_address_and_is_in(
    client: Client, olivia: User, acme: Organization
) -> None:
    made = invite(olivia, acme)
    client.get(path_of(made), follow=True)

    answer = client.post(
        reverse("account_signup"),
        {"full_name": "Nina", "email": "Nina@Example.com", "password1": PASSWORD},
        follow=True,
    )

    assert answer.redirect_chain[-1][0] == reverse("deployments:home", args=[acme.pk])
    nina = User.objects.get(email="nina@example.com")
    assert nina.full_name == "Nina"
    assert OrganizationRoleBinding.objects.get(user=nina).organization == acme


def test_the_invited_address_stands_in_the_form_already(
    client: Client, olivia: User, acme: Organization
) -> None:
    welcome = client.get(path_of(invite(olivia, acme)), follow=True).content.decode()
    link = reverse("account_signup") + "?email=nina%40example.com"
    assert f'href="{link}"' in welcome
    assert 'value="nina@example.com"' in client.get(link).content.decode()


def test_a_new_person_cannot_sign_up_with_another_address(
    client: Client, olivia: User, acme: Organization
) -> None:
    client.get(path_of(invite(olivia, acme)), follow=True)

    answer = client.post(
        reverse("account_signup"),
        {"full_name": "Eve", "email": "eve@example.com", "password1": PASSWORD},
    )

    assert "The invitation is for nina@example.com" in answer.content.decode()
    assert not User.objects.filter(email="eve@example.com").exists()


def test_somebody_with_an_account_signs_in_and_joins(
    client: Client, olivia: User, acme: Organization
) -> None:
    nina = factories.user("nina")
    client.get(path_of(invite(olivia, acme)), follow=True)
    client.post(reverse("account_login"), {"login": nina.email, "password": factories.PASSWORD})

    answer = client.post(reverse("accounts:invitation_accept"))

    assert answer.status_code == 302
    assert OrganizationRoleBinding.objects.get(user=nina).organization == acme


def test_the_link_does_not_say_whether_the_address_has_an_account(
    client: Client, olivia: User, acme: Organization, oscar: User
) -> None:
    """Olivia has the link that she made, and Oscar is another Organization's."""
    nobody = oscar.email.replace("oscar", "ollie")
    pages = []
    for email in (oscar.email, nobody):
        page = client.get(path_of(invite(olivia, acme, email)), follow=True).content.decode()
        pages.append(re.sub(r'csrf\w*"[^"]*"[^"]*|oscar|ollie', "", page))

    assert pages[0] == pages[1]
    assert "Sign in to join" in pages[0]


def test_another_person_signed_in_is_told_so(
    client: Client, olivia: User, acme: Organization, oscar: User
) -> None:
    client.force_login(oscar)

    answer = client.get(path_of(invite(olivia, acme)), follow=True)

    assert "you are signed in as oscar@example.com" in answer.content.decode()
    assert client.post(reverse("accounts:invitation_accept")).status_code == 403


def test_an_invitation_of_another_organization_is_not_there(
    client: Client, oscar: User, umbrella: Organization, invitation: Invitation
) -> None:
    client.force_login(oscar)

    answer = client.post(reverse("accounts:invitation_revoke", args=[umbrella.pk, invitation.pk]))

    assert answer.status_code == 404
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_a_secret_never_goes_into_the_log(
    client: Client, invitation: Invitation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    answer = client.get(f"/invitation/{invitation.pk}/canary-of-a-secret/", follow=True)

    assert answer.status_code == 410
    assert "canary-of-a-secret" not in caplog.text


def test_the_list_says_which_have_expired(
    client: Client, olivia: User, invitation: Invitation
) -> None:
    client.force_login(olivia)
    page = reverse("accounts:invitations", args=[invitation.organization_id])
    assert ">Expired<" not in client.get(page).content.decode()

    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ">Expired<" in client.get(page).content.decode()
