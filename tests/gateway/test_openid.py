"""Airflow 2 signs people in at the console, by OpenID Connect, and strangers not at all."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from allauth.idp.oidc.models import Client as OpenIdClient
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.test import Client

from access.actor import system
from access.roles import Role
from accounts.models import Organization, OrganizationRoleBinding, SsoConnection, SsoDomain, User
from accounts.services import members, sso_connections, sso_rules
from accounts.services.provisioning import users
from accounts.services.provisioning.wanted import WantedUser
from deployments import spec
from deployments.gateway import oidc
from deployments.models import Deployment
from tests import factories
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = pytest.mark.django_db
VERIFIER = "v" * 64


@pytest.fixture
def legacy(science: Workspace) -> Deployment:
    """A Deployment with Airflow 2."""
    return factories.deployment(science, "legacy", runtime_version="13.11.0")


def callback(deployment: Deployment) -> str:
    return f"{spec.airflow_url(deployment)}oauth-authorized/console"


def authorize(client: Client, deployment: Deployment, **changed: str) -> str:
    """Ask for a code; answers where the browser is sent, or the status."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    query = {
        "response_type": "code",
        "client_id": oidc.client_of(deployment).client_id,
        "redirect_uri": callback(deployment),
        "scope": "openid email profile",
        "state": "s1",
        "nonce": "n1",
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    } | changed
    answer = client.get(f"/identity/o/authorize?{urlencode(query)}")
    return answer.headers.get("Location", str(answer.status_code))


def exchange(deployment: Deployment, code: str, **changed: str) -> dict[str, str]:
    made = oidc.client_of(deployment)
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback(deployment),
        "client_id": made.client_id,
        "client_secret": made.client_secret,
        "code_verifier": VERIFIER,
    } | changed
    answer: dict[str, str] = Client().post("/identity/o/api/token", data).json()
    return answer


def code_for(client: Client, deployment: Deployment) -> str:
    return parse_qs(urlsplit(authorize(client, deployment)).query)["code"][0]


def test_a_person_is_signed_in_without_a_click(
    client: Client, legacy: Deployment, oliver: User
) -> None:
    client.force_login(oliver)
    where = authorize(client, legacy)
    assert where.startswith(f"{callback(legacy)}?")
    answer = exchange(legacy, parse_qs(urlsplit(where).query)["code"][0])

    claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
    assert claims["iss"] == settings.BASE_URL
    assert claims["aud"] == f"airflow-{legacy.pk}"
    assert claims["nonce"] == "n1"
    assert (claims["sub"], claims["email"]) == (oliver.pk, "oliver@example.com")
    assert (claims["name"], claims["role_keys"]) == ("Oliver", ["Op"])
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    told = Client().get("/identity/o/api/userinfo", headers=bearer).json()
    assert told["role_keys"] == ["Op"]


def test_who_has_no_session_signs_in_first(client: Client, legacy: Deployment) -> None:
    assert authorize(client, legacy).startswith("/accounts/login/?next=")


@pytest.mark.parametrize(("name", "status"), [("oscar", "404"), ("mia", "404")])
def test_a_stranger_gets_no_code(
    client: Client, legacy: Deployment, name: str, status: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(name))

    assert authorize(client, legacy) == status


def test_a_right_that_is_gone_gives_no_token(
    client: Client, legacy: Deployment, oliver: User
) -> None:
    client.force_login(oliver)
    code = code_for(client, legacy)
    WorkspaceRoleBinding.objects.filter(user=oliver).update(role=Role.WORKSPACE_ACCESSOR)

    assert exchange(legacy, code)["error"] == "invalid_grant"


def test_a_code_works_once_with_its_own_secret_and_verifier(
    client: Client, legacy: Deployment, oliver: User, science: Workspace
) -> None:
    client.force_login(oliver)
    other = factories.deployment(science, "other", runtime_version="13.11.0")
    theirs = oidc.client_of(other)
    code = code_for(client, legacy)

    assert "error" in exchange(legacy, code, client_secret=theirs.client_secret)
    assert "error" in exchange(legacy, code, code_verifier="w" * 64)
    assert "error" in exchange(other, code)
    code = code_for(client, legacy)
    assert "id_token" in exchange(legacy, code)
    assert "error" in exchange(legacy, code)


def test_no_other_address_receives_a_code(client: Client, legacy: Deployment, oliver: User) -> None:
    client.force_login(oliver)

    for address in ("https://evil.example/", callback(legacy) + "/../x", callback(legacy)[:-1]):
        assert "code=" not in authorize(client, legacy, redirect_uri=address)


def test_servers_use_the_inner_address_and_browsers_the_public_one(client: Client) -> None:
    found = client.get("/.well-known/openid-configuration", headers={"host": "127.0.0.1"}).json()

    assert found["issuer"] == settings.BASE_URL
    assert found["authorization_endpoint"].startswith(settings.BASE_URL)
    assert found["token_endpoint"] == "http://127.0.0.1/identity/o/api/token"
    assert found["jwks_uri"].startswith("http://127.0.0.1/")


def test_only_airflow_2_gets_a_client(etl: Deployment, legacy: Deployment) -> None:
    assert spec.build(etl).oidc is None
    made = spec.build(legacy).oidc

    assert made is not None
    assert made.discovery_url == f"{settings.INTERNAL_URL}/.well-known/openid-configuration"
    row = OpenIdClient.objects.get()
    assert row.get_redirect_uris() == [callback(legacy)]
    assert row.skip_consent
    assert made.client_secret not in f"{row.secret} {row.data}"
    assert spec.build(legacy).oidc == made


class TestTokensFromBefore:
    """What the console gave as a provider ends with what it was given for."""

    def given(self, client: Client, deployment: Deployment, user: User) -> dict[str, str]:
        client.force_login(user)
        found = exchange(deployment, code_for(client, deployment))
        assert self.told(found) == 200
        return found

    def told(self, found: dict[str, str]) -> int:
        """The status of one more question with its access token."""
        bearer = {"Authorization": f"Bearer {found['access_token']}"}
        return int(Client().get("/identity/o/api/userinfo", headers=bearer).status_code)

    def test_a_domains_rule_ends_them(
        self, client: Client, legacy: Deployment, oliver: User, olivia: User, sso: SsoConnection
    ) -> None:
        found = self.given(client, legacy, oliver)
        sso_connections.pass_test(sso, tested_as=olivia, actor=factories.actor(olivia))
        domain = sso.domains.get()

        sso_rules.set_enforced_logins(domain, logins=["SSO"], actor=factories.actor(olivia))

        assert self.told(found) == 401
        assert not Token.objects.filter(user=oliver).exists()

    def test_a_rule_leaves_people_of_other_domains_theirs(
        self, client: Client, legacy: Deployment, oliver: User, olivia: User, acme: Organization
    ) -> None:
        found = self.given(client, legacy, oliver)
        other = factories.sso_connection(factories.sso_domain(acme, "sub.example.com"))
        sso_connections.pass_test(other, tested_as=olivia, actor=factories.actor(olivia))

        sso_rules.set_enforced_logins(
            other.domains.get(), logins=["SSO"], actor=factories.actor(olivia)
        )

        assert self.told(found) == 200

    def test_who_leaves_takes_none_along(
        self, client: Client, legacy: Deployment, oliver: User, acme: Organization
    ) -> None:
        found = self.given(client, legacy, oliver)
        member = OrganizationRoleBinding.objects.get(organization=acme, user=oliver)

        members.leave(member, actor=factories.actor(oliver))

        assert self.told(found) in (401, 403, 404)

    def test_whom_the_identity_provider_switches_off_has_none(
        self, client: Client, legacy: Deployment, oliver: User, acme: Organization,
        acme_domain: SsoDomain,
    ) -> None:  # fmt: skip
        found = self.given(client, legacy, oliver)
        wanted = WantedUser(oliver.email, "", is_active=True, attributes={})
        record = users.create(acme, wanted=wanted, actor=system("test"))

        users.change(
            record, change=lambda _: replace(wanted, is_active=False), actor=system("test")
        )

        assert self.told(found) == 401
        assert not Token.objects.filter(user=oliver).exists()
