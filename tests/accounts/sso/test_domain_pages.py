"""The pages of domains: the record to copy, what a look at it found, and what was lost."""

from __future__ import annotations

from django.test import Client

from accounts.models import SsoConnection, SsoDomain, User
from accounts.sso import dns_records, domains
from tests.accounts.sso.name_server import NameServer
from tests.accounts.sso.proving import check, put


class TestPages:
    def test_the_page_has_the_record_to_copy(
        self, client: Client, claimed: SsoDomain, olivia: User
    ) -> None:
        client.force_login(olivia)

        page = client.get(f"/organizations/{claimed.organization_id}/sso/domains/{claimed.pk}/")

        assert "_astro-ui.acme.example" in page.content.decode()
        assert dns_records.value_of(claimed.txt_token) in page.content.decode()

    def test_check_now(
        self, client: Client, name_server: NameServer, claimed: SsoDomain, olivia: User
    ) -> None:
        client.force_login(olivia)
        put(name_server, claimed)
        address = f"/organizations/{claimed.organization_id}/sso/domains/{claimed.pk}/"

        page = client.post(f"{address}check/", follow=True)

        assert "acme.example is proven." in page.content.decode()

    def test_a_lost_record_is_told_on_the_connection_too(
        self, client: Client, name_server: NameServer, sso: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        check(sso.domains.get())

        page = client.get(f"/organizations/{sso.organization_id}/sso/connections/{sso.pk}/")

        assert "The record of example.com is gone" in page.content.decode()
        sso.refresh_from_db()
        assert sso.is_active

    def test_a_domain_that_was_given_up_is_told_and_leaves_the_connection_running(
        self, client: Client, sso: SsoConnection, acme_domain: SsoDomain, olivia: User
    ) -> None:
        client.force_login(olivia)
        own = f"/organizations/{sso.organization_id}/sso"

        client.post(f"{own}/domains/{acme_domain.pk}/remove/", {"confirmation": "example.com"})

        page = client.get(f"{own}/connections/{sso.pk}/").content.decode()
        assert "It has no domain" in page
        sso.refresh_from_db()
        assert sso.is_active
        assert not domains.is_proven(sso.organization_id, "mia@example.com")
