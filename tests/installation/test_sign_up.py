"""Sign-up: by invitation, for listed domains, or open; a claimed address is not a proven one."""

from __future__ import annotations

import re
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django.fixtures import Settings

from access.policy import PermissionDenied
from access.roles import Role
from accounts.adapter import ConsoleAccountAdapter
from accounts.models import Installation, Organization, OrganizationRoleBinding, User
from accounts.services import sign_up
from audit.models import AuditRecord
from tests.factories import actor
from web.errors import Conflict, InvalidInput
from workspaces.models import Workspace

PASSWORD = "quiet-harbour-71"


@pytest.fixture
def mailing(settings: Settings) -> None:
    settings.HAS_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def policy(opal: User, name: str, *domains: str) -> None:
    sign_up.set_sign_up(Installation.current(), policy=name, domains=domains, actor=actor(opal))


def asks(client: Client, email: str) -> str:
    answer = client.post(
        "/accounts/signup/", {"full_name": "Eve Doe", "email": email, "password1": PASSWORD}
    )
    return answer.content.decode()


def confirmed(client: Client) -> None:
    link = re.search(r"http://\S+(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    assert link is not None
    client.post(link[1])


def test_by_default_nobody_signs_up_uninvited(client: Client, opal: User) -> None:
    assert "made by invitation" in asks(client, "eve@example.com")
    assert not User.objects.filter(email="eve@example.com").exists()
    assert (
        "You join by the link of an invitation" in client.get("/accounts/login/").content.decode()
    )


def test_an_open_console_gives_a_newcomer_an_organization_with_a_workspace(
    client: Client, opal: User, acme: Organization
) -> None:
    policy(opal, "OPEN")
    assert "Create an account" in client.get("/accounts/login/").content.decode()

    asks(client, "Eve@Example.com")

    eve = User.objects.get(email="eve@example.com")
    binding = OrganizationRoleBinding.objects.get(user=eve)
    assert (binding.organization.name, binding.role) == (
        "Eve's Organization", Role.ORGANIZATION_OWNER,
    )  # fmt: skip
    assert Workspace.objects.get(organization=binding.organization).name == "Data"
    assert client.get(reverse("deployments:home", args=[acme.pk])).status_code == 404
    rows = AuditRecord.objects.filter(organization_id=binding.organization_id)
    assert {"accounts.sign_up", "workspaces.create", "accounts.sign_in"} == {
        row.action for row in rows
    }


def test_a_second_sign_in_makes_no_second_organization(client: Client, opal: User) -> None:
    policy(opal, "OPEN")
    asks(client, "eve@example.com")
    OrganizationRoleBinding.objects.all().delete()
    client.logout()

    client.post("/accounts/login/", {"login": "eve@example.com", "password": PASSWORD})

    assert Organization.objects.count() == 1


def test_with_mail_the_organization_comes_after_the_proof(
    client: Client, opal: User, mailing: None
) -> None:
    policy(opal, "OPEN")
    asks(client, "eve@example.com")
    assert not Organization.objects.exists()
    client.post("/accounts/login/", {"login": "eve@example.com", "password": PASSWORD})
    assert not Organization.objects.exists()

    confirmed(client)
    Client().post("/accounts/login/", {"login": "eve@example.com", "password": PASSWORD})

    assert Organization.objects.get().name == "Eve's Organization"


def test_a_listed_domain_lets_only_its_own_addresses_in(
    client: Client, opal: User, mailing: None
) -> None:
    policy(opal, "DOMAINS", "example.com")
    assert "example.com" in client.get("/accounts/login/").content.decode()

    for address in (
        "eve@example.org",
        "eve@sub.example.com",
        "eve@notexample.com",
        "eve@example.com.evil.org",
        '"eve@example.com"@evil.org',
    ):
        assert "without an invitation" in asks(client, address), address
    assert User.objects.count() == 1

    asks(client, "eve@EXAMPLE.com")
    assert User.objects.filter(email="eve@example.com").exists()


def test_a_listed_domain_is_no_use_without_its_mail(
    client: Client, opal: User, mailing: None, acme: Organization
) -> None:
    """The attacker signs up as somebody of the domain, and never reads that mail."""
    policy(opal, "DOMAINS", "example.com")
    asks(client, "boss@example.com")

    client.post("/accounts/login/", {"login": "boss@example.com", "password": PASSWORD})

    assert client.get(reverse("accounts:profile")).status_code == 302, "not signed in"
    assert Organization.objects.count() == 1


def test_listed_domains_need_a_mail_server(client: Client, opal: User) -> None:
    with pytest.raises(Conflict, match="sends no mail"):
        policy(opal, "DOMAINS", "example.com")
    client.force_login(opal)
    page = client.post(
        reverse("installation:sign_up"), {"policy": "DOMAINS", "domains": "example.com"}
    )
    assert page.status_code == 422
    assert "Needs a mail server" in page.content.decode()


def test_a_mail_server_that_was_taken_away_shuts_listed_domains(
    client: Client, opal: User, mailing: None, settings: Settings
) -> None:
    policy(opal, "DOMAINS", "example.com")
    settings.HAS_MAIL = False
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"

    assert "made by invitation" in asks(client, "eve@example.com")
    client.force_login(opal)
    page = client.get(reverse("installation:sign_up")).content.decode()
    assert "Nobody can sign up at present" in page


def test_who_joined_meanwhile_gets_no_organization_of_their_own(
    client: Client, opal: User, mailing: None, acme: Organization
) -> None:
    policy(opal, "OPEN")
    asks(client, "eve@example.com")
    eve = User.objects.get(email="eve@example.com")
    OrganizationRoleBinding.objects.create(
        organization=acme, user=eve, role=Role.ORGANIZATION_MEMBER
    )
    confirmed(client)

    Client().post("/accounts/login/", {"login": "eve@example.com", "password": PASSWORD})

    assert Organization.objects.count() == 1


def test_a_policy_that_closed_meanwhile_gives_nothing(
    client: Client, opal: User, mailing: None
) -> None:
    policy(opal, "OPEN")
    asks(client, "eve@example.com")
    confirmed(client)
    policy(opal, "INVITATION")

    Client().post("/accounts/login/", {"login": "eve@example.com", "password": PASSWORD})

    assert not Organization.objects.exists()


@pytest.mark.parametrize("domain", ["example", "a b.com", "*.example.com", "-a.com", "x" * 254])
def test_what_is_no_domain_is_named(opal: User, mailing: None, domain: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        policy(opal, "DOMAINS", "example.com", domain)

    assert "domains" in refusal.value.fields


def test_only_operators_set_it_and_it_is_written_down(
    opal: User, olivia: User, mailing: None
) -> None:
    with pytest.raises(PermissionDenied):
        sign_up.set_sign_up(Installation.current(), policy="OPEN", actor=actor(olivia))
    policy(opal, "DOMAINS", "@Example.com", "example.com", "a.example.org")

    row = AuditRecord.objects.filter(action="accounts.set_sign_up", outcome="DONE").get()
    assert row.organization_id == "installation"
    assert (row.before, row.after) == (
        {"sign_up": "INVITATION", "sign_up_domains": []},
        {"sign_up": "DOMAINS", "sign_up_domains": ["a.example.org", "example.com"]},
    )


def test_the_command_reads_and_sets_it(db: None, mailing: None) -> None:
    def signup(*words: str) -> str:
        out = StringIO()
        call_command("signup", *words, stdout=out)
        return out.getvalue()

    assert signup() == "invitation\n"
    assert signup("domains", "--domain", "example.com") == "domains\texample.com\n"
    assert signup("open") == "open\n"
    with pytest.raises(CommandError, match="Not a domain: nothing"):
        signup("domains", "--domain", "nothing")


def test_no_form_makes_an_account_past_the_policy(rf: RequestFactory, opal: User) -> None:
    request = rf.post("/accounts/signup/")
    request.session = Client().session
    form = SimpleNamespace(cleaned_data={"email": "new@example.com"})

    with pytest.raises(sign_up.SignUpRefused):
        ConsoleAccountAdapter(request).save_user(request, User(), form)
    assert not User.objects.filter(email="new@example.com").exists()
