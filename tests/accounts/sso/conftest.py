from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from allauth.core import context
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from access.actor import ANONYMOUS
from access.roles import Role
from accounts.models import GroupRule, Organization, SsoConnection, SsoDomain, User
from accounts.services import group_rules, sso_domains
from accounts.services.group_rules import Wish
from accounts.sso import rules
from accounts.sso.claims import Claims
from tests import factories
from tests.accounts.sso import name_server as name_servers
from tests.accounts.sso.name_server import NameServer
from tests.accounts.sso.provider import Provider, running

Come = Callable[..., tuple[str, ...]]
Write = Callable[..., GroupRule]


@pytest.fixture
def claims() -> Claims:
    """What a provider says of mia."""
    return Claims(subject="m-1", email="mia@example.com", name="Mia Meyer")


@pytest.fixture
def visit(rf: RequestFactory, db: None) -> Iterator[HttpRequest]:
    """A request of a browser in which nobody is signed in."""
    request: HttpRequest = rf.get("/", REMOTE_ADDR="203.0.113.9")
    request.session = Client().session
    request.user = AnonymousUser()
    request.actor = ANONYMOUS  # type: ignore[attr-defined]
    with context.request_context(request):
        yield request


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    """An OpenID provider on loopback, which the operator lets tenants speak to."""
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    settings.OUTGOING_HTTP = True
    with running() as made:
        made.person = {"sub": "m-1", "email": "mia@example.com", "name": "Mia Meyer"}
        yield made


@pytest.fixture
def connected(sso: SsoConnection, provider: Provider) -> SsoConnection:
    """Acme's active connection, to that provider."""
    sso.discovery_url = provider.discovery_url
    sso.save()
    return sso


@pytest.fixture
def name_server(settings: Settings) -> Iterator[NameServer]:
    """The one that the console asks."""
    with name_servers.running() as made:
        settings.DNS_SERVERS = [made.address]
        yield made


@pytest.fixture
def connection(acme: Organization) -> SsoConnection:
    """The one whose groups the rules of Acme follow."""
    return SsoConnection.objects.create(organization=acme, kind="SAML", name="Okta")


@pytest.fixture
def come(connection: SsoConnection) -> Come:
    """A person signs in, and the provider names these groups."""

    def sign_in(user: User, *groups: str) -> tuple[str, ...]:
        said = Claims(subject=user.pk, email=user.email, groups=groups)
        return rules.apply(connection, user, said, actor=factories.actor(user))

    return sign_in


@pytest.fixture
def write(acme: Organization, olivia: User) -> Write:
    """Olivia writes a rule."""

    def make(group: str, place: object, role: Role | None = None) -> GroupRule:
        wish = Wish(group, place, role)
        return group_rules.create_group_rule(acme, wish=wish, actor=factories.actor(olivia))

    return make


@pytest.fixture
def claimed(acme: Organization, olivia: User) -> SsoDomain:
    """acme.example, claimed by Acme a moment ago."""
    return sso_domains.claim_domain(acme, domain="Acme.Example", actor=factories.actor(olivia))


@pytest.fixture
def theirs(umbrella: Organization) -> SsoDomain:
    """The same domain, proven for Umbrella."""
    return factories.sso_domain(umbrella, "acme.example")
