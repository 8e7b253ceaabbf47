"""A test of a connection says what a sign-in would be, and signs nobody in."""

from __future__ import annotations

from django.test import Client

from accounts.models import SsoConnection, SsoDomain, SsoIdentity, User
from tests.accounts.sso import browsing
from tests.accounts.sso.provider import Provider


class TestTesting:
    def begin(self, client: Client, sso: SsoConnection) -> str:
        own = f"/organizations/{sso.organization_id}/sso/connections/{sso.pk}/"
        return browsing.way_out(client.post(f"{own}test/start/", {"go": "1"}))

    def test_a_failed_test_shows_why_and_leaves_the_connection_running(
        self, client: Client, provider: Provider, connected: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        provider.spoil = {"exp": 1}

        answer = client.get(provider.authorize(self.begin(client, connected)), follow=True)

        page = answer.content.decode()
        assert "The test did not pass" in page
        assert "its token has expired" in page
        assert "Check the clocks" in page
        connected.refresh_from_db()
        assert connected.is_active

    def test_an_address_outside_the_domains_does_not_pass(
        self, client: Client, provider: Provider, connected: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        SsoConnection.objects.update(state="DRAFT")
        provider.person = {"sub": "x", "email": "oscar@umbrella.example"}

        page = client.get(provider.authorize(self.begin(client, connected)), follow=True)

        assert "lies in no domain that Acme has proven" in page.content.decode()
        assert "oscar@umbrella.example" in page.content.decode()
        connected.refresh_from_db()
        assert connected.state == "DRAFT"

    def test_a_test_says_what_would_be_before_the_domain_is_given(
        self, client: Client, provider: Provider, connected: SsoConnection, olivia: User
    ) -> None:
        """So that a second provider can be tried while people sign in by the first one."""
        SsoDomain.objects.update(connection=None)
        client.force_login(olivia)
        provider.person = {"sub": "o-1", "email": olivia.email}

        page = client.get(provider.authorize(self.begin(client, connected)), follow=True)

        assert "The test has passed" in page.content.decode()
        words = "Once its domain is given to this connection, olivia@example.com is signed in"
        assert words in page.content.decode()

    def test_a_provider_that_is_down_is_said_on_the_page(
        self, client: Client, connected: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        SsoConnection.objects.update(
            discovery_url="http://127.0.0.1:9/.well-known/openid-configuration"
        )
        own = f"/organizations/{connected.organization_id}/sso/connections/{connected.pk}/"

        page = client.post(f"{own}test/start/", {"go": "1"}, follow=True).content.decode()

        assert "The test did not pass" in page
        assert "The connection failed." in page

    def test_it_signs_nobody_in_whoever_takes_the_answer(
        self, client: Client, provider: Provider, connected: SsoConnection, olivia: User
    ) -> None:
        client.force_login(olivia)
        back = provider.authorize(self.begin(client, connected))
        client.logout()

        assert client.get(back).status_code == 403
        assert not SsoIdentity.objects.exists()
