"""What alone stands between somebody and a sign-in that is not theirs."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from access.actor import system
from accounts.models import Organization, OrganizationRoleBinding, SsoConnection, SsoDomain, User
from accounts.services import sso_bypass, sso_connections, sso_rules
from accounts.services.sso_bypass import BypassRefused
from accounts.sso import enforcement
from accounts.sso.arrivals import arrive
from accounts.sso.claims import Claims
from accounts.sso.flows import Purpose
from accounts.suspension import OrganizationSuspended
from audit.models import AuditRecord
from tests import factories
from tests.accounts.sso import browsing
from tests.accounts.sso.fields import VALUES
from tests.accounts.sso.provider import Provider
from web.errors import Conflict


@pytest.mark.parametrize(
    ("method", "route"),
    [("GET", "sso_login"), ("GET", "sso_callback"), ("POST", "sso_acs"), ("GET", "sso_sls")],
)
def test_whoever_was_refused_too_often_waits_at_every_door(
    method: str, route: str, sso: SsoConnection, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.sso.limits.MOST", 0)

    assert client.generic(method, reverse(f"accounts:{route}", args=[sso.key])).status_code == 429


def test_who_may_not_set_it_up_any_more_tests_nothing(
    client: Client, provider: Provider, connected: SsoConnection, olivia: User
) -> None:
    client.force_login(olivia)
    own = reverse("accounts:sso_test_start", args=[connected.organization_id, connected.pk])
    away = browsing.way_out(client.post(own, {"go": "1"}))
    OrganizationRoleBinding.objects.filter(user=olivia).update(role="ORGANIZATION_MEMBER")

    client.get(provider.authorize(away))

    connected.refresh_from_db()
    assert connected.tested_at is None
    assert AuditRecord.objects.filter(after__reason="no_tester").exists()


def test_the_provider_of_a_suspended_organization_names_nobody(
    visit: HttpRequest, sso: SsoConnection, mia: User, claims: Claims
) -> None:
    sso.organization.status = Organization.Status.SUSPENDED
    sso.organization.save()

    with pytest.raises(OrganizationSuspended):
        arrive(visit, sso, claims, purpose=Purpose.SIGN_IN)
    assert not visit.user.is_authenticated


@pytest.mark.parametrize("note", ["another's bypass", "another way"])
def test_only_ones_own_bypass_stands_for_the_provider(
    note: str, acme_domain: SsoDomain, umbrella: Organization
) -> None:
    acme_domain.enforced_logins = ["SSO"]
    acme_domain.save()
    notes = {
        "another's bypass": {"method": "sso_bypass", "organization": umbrella.pk},
        "another way": {"method": "password", "organization": acme_domain.organization_id},
    }

    broken = enforcement.broken_by_records("mia@example.com", [notes[note]])

    assert broken == acme_domain


def test_a_guessed_secret_opens_no_bypass(acme: Organization) -> None:
    made = sso_bypass.make_bypass(acme, actor=system("test"))

    with pytest.raises(BypassRefused):
        sso_bypass.opened(made.pk, "guessed")


def test_a_bypass_that_was_used_or_replaced_is_spent_by_nobody(
    acme: Organization, olivia: User
) -> None:
    actor = factories.actor(olivia)
    used = sso_bypass.make_bypass(acme, actor=actor)
    sso_bypass.spend(used, olivia, actor=actor)
    with pytest.raises(BypassRefused):
        sso_bypass.spend(used, olivia, actor=actor)

    sso_bypass.make_bypass(acme, actor=actor)
    with pytest.raises(BypassRefused):
        sso_bypass.spend(used, olivia, actor=actor)


def test_nobody_has_to_sign_in_by_what_is_switched_off(sso: SsoConnection, olivia: User) -> None:
    actor = factories.actor(olivia)
    sso_connections.pass_test(sso, tested_as=olivia, actor=actor)
    sso_connections.turn_off_connection(sso, actor=actor)

    with pytest.raises(Conflict, match="no active connection"):
        sso_rules.set_enforced_logins(sso.domains.get(), logins=["SSO"], actor=actor)


def test_a_domain_whose_people_need_it_stays_with_its_connection(
    sso: SsoConnection, acme_domain: SsoDomain, olivia: User
) -> None:
    SsoDomain.objects.update(enforced_logins=["SSO"])

    with pytest.raises(Conflict, match="have to sign in by it"):
        sso_connections.update_connection(
            sso, values=VALUES | {"domains": []}, actor=factories.actor(olivia)
        )
