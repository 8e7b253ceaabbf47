"""E-mail domains: claimed by many however they are spelled, and proven by DNS for one."""

from __future__ import annotations

import dns.rcode
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from access.policy import PermissionDenied
from accounts.models import CustomRole, Organization, OrganizationRoleBinding, SsoDomain, User
from accounts.services import sso_domains
from accounts.sso import dns_records, domains
from audit.models import AuditRecord
from tests import factories
from tests.accounts.sso.name_server import NameServer
from tests.accounts.sso.proving import check, put
from web.errors import Conflict, InvalidInput


def test_a_record_in_dns_proves_a_domain(name_server: NameServer, claimed: SsoDomain) -> None:
    assert not domains.is_proven(claimed.organization_id, "mia@acme.example")
    put(name_server, claimed)

    checked = check(claimed)

    assert checked.is_proven
    assert checked.last_answer == "The TXT record at _astro-ui.acme.example is there."
    assert domains.is_proven(claimed.organization_id, "Mia@ACME.example")
    assert not domains.is_proven(claimed.organization_id, "mia@sub.acme.example")
    row = AuditRecord.objects.filter(action="accounts.note_check").get()
    assert row.before == {"proven_at": None}


def test_a_record_among_others_counts(name_server: NameServer, claimed: SsoDomain) -> None:
    put(name_server, claimed)
    name_server.records["_astro-ui.acme.example"].insert(0, "v=spf1 -all")

    assert check(claimed).is_proven


def test_no_record_proves_nothing_and_says_so(name_server: NameServer, claimed: SsoDomain) -> None:
    checked = check(claimed)

    assert not checked.is_proven
    assert checked.last_answer == "There is no TXT record at _astro-ui.acme.example."
    assert checked.last_checked_at is not None


def test_another_value_proves_nothing(name_server: NameServer, claimed: SsoDomain) -> None:
    name_server.records["_astro-ui.acme.example"] = [f"x{dns_records.value_of(claimed.txt_token)}"]

    checked = check(claimed)

    assert not checked.is_proven
    assert "says something else: xastro-ui-domain=" in checked.last_answer


def test_a_name_server_that_fails_proves_nothing(
    name_server: NameServer, claimed: SsoDomain
) -> None:
    name_server.fault = dns.rcode.SERVFAIL

    checked = check(claimed)

    assert not checked.is_proven
    assert checked.last_answer.startswith("The name servers could not answer: ")


def test_a_silent_name_server_is_not_waited_for_longer_than_said(
    name_server: NameServer, claimed: SsoDomain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dns_records, "SECONDS", 0.2)
    name_server.is_silent = True

    assert check(claimed).last_answer == "The name servers did not answer within 0.2 s."


class TestTwoOrganizations:
    def test_a_domain_is_proven_for_one_at_a_time(
        self, name_server: NameServer, claimed: SsoDomain, theirs: SsoDomain
    ) -> None:
        put(name_server, claimed, theirs)

        checked = check(claimed)

        assert not checked.is_proven
        assert "proven for another Organization" in checked.last_answer

    def test_it_passes_on_where_the_first_record_is_gone(
        self, name_server: NameServer, claimed: SsoDomain, theirs: SsoDomain
    ) -> None:
        theirs.enforced_logins = ["SSO"]
        theirs.save()
        put(name_server, claimed)

        assert check(claimed).is_proven

        theirs.refresh_from_db()
        assert not theirs.is_proven
        assert theirs.enforced_logins == []
        assert not domains.is_proven(theirs.organization_id, "mia@acme.example")
        told = AuditRecord.objects.get(action="accounts.lose_domain")
        assert told.organization_id == theirs.organization_id

    def test_it_passes_on_by_nobody_who_may_not_look_after_domains(
        self, name_server: NameServer, claimed: SsoDomain, theirs: SsoDomain, mia: User
    ) -> None:
        put(name_server, claimed)

        with pytest.raises(PermissionDenied):
            sso_domains.check_domain(claimed, actor=factories.actor(mia))

        theirs.refresh_from_db()
        assert theirs.is_proven

    def test_the_database_holds_it(self, claimed: SsoDomain, theirs: SsoDomain) -> None:
        claimed.proven_at = timezone.now()

        with pytest.raises(IntegrityError), transaction.atomic():
            claimed.save()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("@Acme.Example", "acme.example"),
        ("münchen.example.", "xn--mnchen-3ya.example"),
        ("faß.example", "xn--fa-hia.example"),
    ],
)
def test_a_domain_is_kept_as_dns_knows_it(
    acme: Organization, olivia: User, written: str, kept: str
) -> None:
    made = sso_domains.claim_domain(acme, domain=written, actor=factories.actor(olivia))

    assert made.domain == kept


@pytest.mark.parametrize(
    "bad", ["", "com", "mia@acme.example", "a b.example", "x" * 300, "127.0.0.1"]
)
def test_what_is_no_domain_is_refused(acme: Organization, olivia: User, bad: str) -> None:
    with pytest.raises(InvalidInput):
        sso_domains.claim_domain(acme, domain=bad, actor=factories.actor(olivia))


def test_an_address_is_of_its_domain_however_that_is_spelled(acme: Organization) -> None:
    """Source: RFC 5890, section 2.3.2.1: both name the same domain. And ß is no ss there."""
    for name in ("xn--bcher-kva.example", "fass.example"):
        factories.sso_domain(acme, name)

    assert domains.is_proven(acme.pk, "nina@xn--bcher-kva.example")
    assert domains.is_proven(acme.pk, "nina@Bücher.example")
    assert not domains.is_proven(acme.pk, "nina@faß.example")


def test_a_rule_holds_for_an_address_however_its_domain_is_spelled(
    client: Client, acme: Organization
) -> None:
    rule = factories.sso_domain(acme, "xn--bcher-kva.example")
    rule.enforced_logins = ["SSO"]
    rule.save()
    User.objects.create_user("nina@bücher.example", factories.PASSWORD)

    client.post(
        "/accounts/login/", {"login": "nina@bücher.example", "password": factories.PASSWORD}
    )

    assert client.get("/profile/").status_code == 302
    row = AuditRecord.objects.filter(action="accounts.sign_in")
    assert not row.filter(outcome="DONE").exists()


def test_a_domain_is_claimed_once(claimed: SsoDomain, acme: Organization, olivia: User) -> None:
    with pytest.raises(Conflict, match=r"acme\.example is in the list already"):
        sso_domains.claim_domain(acme, domain="acme.example", actor=factories.actor(olivia))


def test_only_who_may_set_a_rule_gives_a_domain_up_that_has_one(
    acme: Organization, acme_domain: SsoDomain
) -> None:
    keeper = factories.user("kim")
    role = CustomRole.objects.create(
        organization=acme,
        name="Keeper of domains",
        scope_type="ORGANIZATION",
        permissions=["organization.domains.update"],
    )
    OrganizationRoleBinding.objects.create(organization=acme, user=keeper, custom_role=role)
    actor = factories.actor(keeper)
    SsoDomain.objects.update(enforced_logins=["SSO"])

    with pytest.raises(PermissionDenied):
        sso_domains.remove_domain(acme_domain, typed_name="example.com", actor=actor)
    SsoDomain.objects.update(enforced_logins=[])
    sso_domains.remove_domain(acme_domain, typed_name="example.com", actor=actor)

    assert not SsoDomain.objects.exists()
