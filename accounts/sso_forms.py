"""Forms of domains, connections and their rules; the rules themselves stand in the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from access.roles import ORGANIZATION_ROLES, Role
from accounts.forms import role_choices
from accounts.models import Organization, SsoConnection, SsoDomain
from accounts.services.sso_bypass import HOURS
from accounts.services.sso_connections import ATTRIBUTES
from accounts.sso.guides import PROVIDERS
from accounts.sso.saml import configuration, metadata
from web.errors import InvalidInput
from web.forms import put_back

_NO_CORRECTION = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class EmailFirstForm(forms.Form):
    """The first step of signing in."""

    login = forms.EmailField(
        max_length=254,
        label="E-mail",
        widget=forms.EmailInput({"autocomplete": "username", "autofocus": True}),
    )


class DomainForm(forms.Form):
    domain = forms.CharField(
        max_length=255,
        help_text="What follows the @ in your addresses, for example example.com. A subdomain is "
        "another domain.",
        widget=forms.TextInput(_NO_CORRECTION),
    )


class RuleForm(forms.Form):
    logins = forms.MultipleChoiceField(
        required=False,
        label="People of this domain sign in by",
        choices=SsoDomain.Login.choices,
        help_text="Tick none to leave every way open.",
        widget=forms.CheckboxSelectMultiple,
    )


class BypassForm(forms.Form):
    hours = forms.TypedChoiceField(
        coerce=int,
        label="Works for",
        choices=[(each, f"{each} hour{'' if each == 1 else 's'}") for each in HOURS],
    )


class ConnectionForm(forms.Form):
    """What every connection has; each protocol adds its own."""

    field_order: Iterable[str] | None = None

    name = forms.CharField(
        max_length=50,
        help_text="As people read it on the sign-in page, for example the company's name.",
    )
    provider = forms.ChoiceField(
        label="Identity provider",
        choices=PROVIDERS,
        initial="other",
        help_text="Whose steps the connection's page shows.",
    )
    domains = forms.MultipleChoiceField(
        required=False,
        label="Domains",
        help_text="The sign-in page sends people of these domains here. Only proven ones count.",
        widget=forms.CheckboxSelectMultiple,
    )
    jit_enabled = forms.BooleanField(
        required=False,
        initial=True,
        label="People of its domains become members at their first sign-in",
        help_text="Off: only members and people who were invited get in.",
    )
    default_role = forms.ChoiceField(
        label="Their role",
        choices=role_choices(ORGANIZATION_ROLES),
        initial=Role.ORGANIZATION_MEMBER,
    )
    email_attribute = forms.CharField(max_length=200, label="E-mail is sent as", initial="email")
    first_name_attribute = forms.CharField(
        max_length=200, label="First name is sent as", initial="firstName"
    )
    last_name_attribute = forms.CharField(
        max_length=200, label="Last name is sent as", initial="lastName"
    )
    name_attribute = forms.CharField(max_length=200, label="Whole name is sent as", initial="name")
    groups_attribute = forms.CharField(max_length=200, label="Groups are sent as", initial="groups")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    own: tuple[str, ...] = ()
    """The fields of the protocol, which come after the name."""

    def __init__(
        self,
        organization: Organization,
        connection: SsoConnection | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if connection is not None:
            kwargs["initial"] = self._of(connection) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        domains = SsoDomain.objects.filter(organization=organization).select_related("connection")
        field: Any = self.fields["domains"]
        field.choices = [(each.pk, _label(each, connection)) for each in domains]
        self.order_fields(["name", "provider", *self.own])

    def _of(self, connection: SsoConnection) -> dict[str, Any]:
        names = ("name", "provider", "jit_enabled", "default_role", *ATTRIBUTES, *self.own)
        values = {name: getattr(connection, name) for name in names if name != "client_secret"}
        domains = list(connection.domains.values_list("pk", flat=True))
        return values | {"domains": domains, "seen": connection.version}

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """Those that everybody fills in."""
        return [
            self[name]
            for name in ("name", "provider", *self.own, "domains", "jit_enabled", "default_role")
        ]

    @property
    def attribute_fields(self) -> list[forms.BoundField]:
        """Those that most leave as they are."""
        return [self[name] for name in ATTRIBUTES]


class OidcForm(ConnectionForm):
    own = ("discovery_url", "client_id", "client_secret", "scopes")

    discovery_url = forms.CharField(
        required=False,
        max_length=2000,
        label="Discovery URL",
        help_text="Ends in /.well-known/openid-configuration; the issuer's address will do.",
        widget=forms.URLInput(_NO_CORRECTION),
    )
    client_id = forms.CharField(
        required=False,
        max_length=300,
        label="Client ID",
        help_text="This and the URL may come later, once the provider was told what the "
        "connection's page says.",
        widget=forms.TextInput(_NO_CORRECTION),
    )
    client_secret = forms.CharField(
        required=False,
        max_length=2000,
        help_text="Kept encrypted and never shown again. Empty: the one that is kept stays, or "
        "there is none.",
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    scopes = forms.CharField(
        max_length=300,
        initial="openid email profile",
        help_text="Add what your provider needs to send groups, for example groups.",
        widget=forms.TextInput(_NO_CORRECTION),
    )


class SamlForm(ConnectionForm):
    """Metadata says everything; who has none types it. All of it may come later, when the provider
    was told what the connection's page says."""

    own = configuration.FIELDS

    metadata_url = forms.CharField(
        required=False,
        max_length=2000,
        label="Metadata URL",
        help_text="Read when it is saved, and once a day from then on, so that new certificates "
        "are taken over.",
        widget=forms.URLInput(_NO_CORRECTION),
    )
    metadata_xml = forms.CharField(
        required=False,
        max_length=metadata.MOST_BYTES,
        label="Or metadata, pasted",
        help_text="The whole XML document; it counts before an address and before the fields.",
        widget=forms.Textarea({"rows": 4, **_NO_CORRECTION}),
    )
    idp_entity_id = forms.CharField(
        required=False,
        max_length=1000,
        label="Provider's entity ID",
        help_text="Also called issuer. This and the next three only where there is no metadata.",
        widget=forms.TextInput(_NO_CORRECTION),
    )
    sso_url = forms.CharField(
        required=False, max_length=2000, label="Sign-on URL", widget=forms.URLInput(_NO_CORRECTION)
    )
    slo_url = forms.CharField(
        required=False,
        max_length=2000,
        label="Sign-out URL",
        help_text="Empty: signing out here leaves the session at the provider.",
        widget=forms.URLInput(_NO_CORRECTION),
    )
    certificates = forms.CharField(
        required=False,
        max_length=50_000,
        help_text="X.509, PEM; at most two, so that the next one is known before it is used.",
        widget=forms.Textarea({"rows": 6, **_NO_CORRECTION}),
    )
    idp_initiated = forms.BooleanField(
        required=False,
        label="Sign-in may begin at the provider",
        help_text="From its own list of applications. Signs nobody in unasked: the browser is "
        "sent back to the provider once.",
    )

    known: SsoConnection | None = None
    """The connection as it is, where there is one."""

    def _of(self, connection: SsoConnection) -> dict[str, Any]:
        self.known = connection
        return super()._of(connection) | {"certificates": "".join(connection.certificates)}

    def clean(self) -> dict[str, Any]:
        """What metadata says is looked up; an address that was read before is not asked again."""
        values = dict(super().clean() or self.cleaned_data)
        asked = dict(values)
        if self.known and self.known.idp_entity_id:
            is_same = values.get("metadata_url") == self.known.metadata_url
            asked["metadata_url"] = "" if is_same else values.get("metadata_url")
        try:
            found = configuration.looked_up(asked, now=timezone.now())
        except InvalidInput as refusal:
            put_back(self, refusal)
            return values
        return found | {"metadata_url": values.get("metadata_url", "")}


FORMS: dict[str, type[ConnectionForm]] = {
    SsoConnection.Kind.OIDC: OidcForm,
    SsoConnection.Kind.SAML: SamlForm,
}
"""The form of each protocol."""


def _label(domain: SsoDomain, connection: SsoConnection | None) -> str:
    other = domain.connection if domain.connection != connection else None
    state = "" if domain.is_proven else ", not proven"
    return f"{domain}{state}{f', now sent to {other}' if other else ''}"
