"""What OpenID Connect and SAML have in common for whoever opens a door to them."""

from __future__ import annotations

from typing import Protocol as Interface

from django.http import HttpRequest, HttpResponse

from accounts.models import SsoConnection
from accounts.sso.claims import Claims
from accounts.sso.flows import Flow, Purpose
from accounts.sso.oidc import door as oidc
from accounts.sso.saml import door as saml


class Protocol(Interface):
    @property
    def state_name(self) -> str:
        """The field of an answer that carries back what `flows.begin` made."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Those of a connection that are this protocol's settings."""

    def check(self, connection: SsoConnection) -> None:
        """Raise InvalidInput, naming the field, for settings that cannot be used."""

    def begin(
        self,
        connection: SsoConnection,
        request: HttpRequest,
        *,
        purpose: Purpose,
        next_url: str,
    ) -> HttpResponse:
        """Remember a flow and send the browser to the identity provider.

        Raises SignInRefused where the provider cannot be reached or is not set up.
        """

    def finish(self, connection: SsoConnection, request: HttpRequest, flow: Flow | None) -> Claims:
        """Prove that the answer is the provider's, meant for us, new, and of this flow.

        Without a flow this browser did not ask. Raises SignInRefused.
        """

    def sign_out_url(self, connection: SsoConnection, hint: str) -> str:
        """Where the session is ended at the provider as well; empty where it offers no such
        thing. Raises SignInRefused where the provider cannot be asked."""


OF: dict[str, Protocol] = {SsoConnection.Kind.OIDC: oidc, SsoConnection.Kind.SAML: saml}
