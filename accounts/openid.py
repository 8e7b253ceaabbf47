"""The console as OpenID provider: what an Airflow 2 or a CLI learns about a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from web.errors import DomainError

ClientRule = Callable[[str, User], Mapping[str, Any] | None]
_rules: list[ClientRule] = []

_FOR_BROWSERS = ("authorization_endpoint", "end_session_endpoint")


def register_client_rule(rule: ClientRule) -> None:
    """Have `rule` asked what a client, by its id, learns about a person.

    It answers further claims, or None for a client that is not its own, or raises a DomainError
    where the person may not use the client: then there is no sign-in.
    """
    if rule not in _rules:
        _rules.append(rule)


class ConsoleOpenIdAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """Claims per client: each Deployment has a client of its own."""

    def get_issuer(self) -> str:
        """One name, whichever address a server asked at."""
        return str(settings.BASE_URL)

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """Servers may ask at an inner address; people's browsers only know the public one."""
        for name in _FOR_BROWSERS:
            data[name] = settings.BASE_URL + urlsplit(data[name]).path

    def get_user_sub(self, client: Client, user: User) -> str:
        """Asked before a code is made, so it is here that a stranger is turned away."""
        _of_rules(client, user)
        return str(user.pk)

    def get_user_by_sub(self, client: Client, sub: str) -> User | None:
        user = User.objects.filter(pk=sub).first()
        if user is None or not user.is_active:
            return None
        try:
            _of_rules(client, user)
        except DomainError:
            return None
        return user

    def get_claims(
        self,
        purpose: str,
        user: User,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        """`sub`, then by scope `email` and `name`, then what the client's rule adds."""
        claims: dict[str, Any] = {"sub": str(user.pk)}
        if "email" in scopes:
            claims |= {"email": user.email, "email_verified": True}
        if "profile" in scopes:
            claims |= {"name": str(user), "preferred_username": user.email}
        return claims | _of_rules(client, user)


def end_tokens(people: QuerySet[User]) -> None:
    """What the console gave to its clients in the name of these people counts no more."""
    Token.objects.filter(user__in=people).delete()


def _of_rules(client: Client, user: User) -> dict[str, Any]:
    found = (rule(client.pk, user) for rule in _rules)
    return dict(next((claims for claims in found if claims is not None), {}))
