"""How the console is set up at each kind of identity provider, in that provider's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse

from accounts.models import SsoConnection

ACS, ENTITY, METADATA, SLS = "acs", "entity", "metadata", "sls"
REDIRECT, LOGIN, SIGN_OUT = "redirect", "login", "sign-out"


@dataclass(frozen=True)
class Step:
    """One thing to do there."""

    text: str
    copies: tuple[tuple[str, str], ...] = ()
    """Fields there, as they are called there, and which of our addresses goes into each."""
    types: tuple[tuple[str, str], ...] = ()
    """Fields there, and what to choose or type."""


@dataclass(frozen=True)
class Guide:
    name: str
    saml: tuple[Step, ...]
    saml_back: str
    """What to bring back from there."""
    oidc: tuple[Step, ...]
    oidc_back: str


@dataclass(frozen=True)
class Page:
    """A guide with the addresses of one connection."""

    name: str
    steps: tuple[Step, ...]
    back: str
    """What to paste here afterwards."""


def page(connection: SsoConnection) -> Page:
    """What to do at the connection's provider, in order."""
    guide, known = GUIDES.get(connection.provider, GUIDES["other"]), addresses(connection)
    is_saml = connection.kind == SsoConnection.Kind.SAML
    steps = tuple(
        replace(each, copies=tuple((label, known[key]) for label, key in each.copies))
        for each in (guide.saml if is_saml else guide.oidc)
    )
    name = "your provider" if guide is GUIDES["other"] else guide.name
    return Page(name, steps, guide.saml_back if is_saml else guide.oidc_back)


def addresses(connection: SsoConnection) -> dict[str, str]:
    """What a provider needs to know of us."""
    return {
        ACS: connection.url("acs"),
        ENTITY: connection.url("metadata"),
        METADATA: connection.url("metadata"),
        SLS: connection.url("sls"),
        REDIRECT: connection.url("callback"),
        LOGIN: connection.url("login"),
        SIGN_OUT: f"{settings.BASE_URL}{reverse('account_login')}",
    }


_ATTRIBUTES = (
    ("email", "user.email"),
    ("firstName", "user.firstName"),
    ("lastName", "user.lastName"),
)
_OIDC_BACK = "Paste the discovery URL, the client ID and the client secret here."

GUIDES: Mapping[str, Guide] = {
    "okta": Guide(
        "Okta",
        saml=(
            Step("In the Admin Console open Applications › Applications › Create App Integration, "
                 "choose SAML 2.0, and name it Astro UI."),
            Step("Under General, fill in:",
                 copies=(("Single sign-on URL", ACS), ("Audience URI (SP Entity ID)", ENTITY)),
                 types=(("Use this for Recipient URL and Destination URL", "ticked"),
                        ("Name ID format", "EmailAddress"), ("Application username", "Email"))),
            Step("Under Attribute Statements, with name format Unspecified, add:",
                 types=_ATTRIBUTES),
            Step("For group rules, under Group Attribute Statements add:",
                 types=(("groups", "Filter: Matches regex  .*"),)),
            Step("For single logout, under Show Advanced Settings:",
                 copies=(("Single Logout URL", SLS), ("SP Issuer", ENTITY))),
            Step("Finish, then give people or groups the app under Assignments."),
        ),
        saml_back="On the app's Sign On tab copy the Metadata URL and paste it here.",
        oidc=(
            Step("In the Admin Console open Applications › Create App Integration, choose OIDC, "
                 "then Web Application."),
            Step("Fill in:", copies=(("Sign-in redirect URIs", REDIRECT),
                                     ("Sign-out redirect URIs", SIGN_OUT)),
                 types=(("Grant type", "Authorization Code"),)),
            Step("For group rules, on the Sign On tab set the Groups claim filter:",
                 types=(("groups", "Matches regex  .*"),)),
            Step("Give people or groups the app under Assignments."),
        ),
        oidc_back="The discovery URL is your Okta domain with /.well-known/openid-configuration. "
        + _OIDC_BACK,
    ),
    "entra": Guide(
        "Microsoft Entra ID",
        saml=(
            Step("In the Entra admin center open Enterprise applications › New application › "
                 "Create your own application, and choose the non-gallery kind."),
            Step("Open Single sign-on › SAML, edit Basic SAML Configuration:",
                 copies=(("Identifier (Entity ID)", ENTITY),
                         ("Reply URL (Assertion Consumer Service URL)", ACS),
                         ("Sign on URL", LOGIN), ("Logout Url", SLS))),
            Step("Edit Attributes & Claims: name each without a namespace.",
                 types=(("Unique User Identifier (Name ID)", "user.mail, format Email address"),
                        ("email", "user.mail"), ("firstName", "user.givenname"),
                        ("lastName", "user.surname"), ("name", "user.displayname"))),
            Step("For group rules, Add a group claim and customise its name to groups. Entra sends "
                 "group ids unless you choose another source attribute, and no list at all to "
                 "people in more than 150 groups: choose Groups assigned to the application.",
                 types=(("Source attribute", "Cloud-only group display names"),)),
            Step("Give people or groups the application under Users and groups."),
        ),
        saml_back="Under SAML Certificates copy App Federation Metadata Url and paste it here.",
        oidc=(
            Step("In the Entra admin center open App registrations › New registration.",
                 copies=(("Redirect URI (Web)", REDIRECT),),
                 types=(("Supported account types", "Accounts in this organizational directory"),)),
            Step("Under Certificates & secrets make a New client secret and copy its Value."),
            Step("Under Token configuration add the optional ID claims email, given_name and "
                 "family_name, and for group rules a groups claim."),
        ),
        oidc_back="The discovery URL is under Overview › Endpoints: OpenID Connect metadata "
        "document of your tenant, not of “common”. " + _OIDC_BACK,
    ),
    "onelogin": Guide(
        "OneLogin",
        saml=(
            Step("In Administration open Applications › Add App and choose SAML Custom Connector "
                 "(Advanced)."),
            Step("On Configuration fill in:",
                 copies=(("Audience (EntityID)", ENTITY), ("Recipient", ACS),
                         ("ACS (Consumer) URL", ACS), ("Single Logout URL", SLS),
                         ("Login URL", LOGIN)),
                 types=(("ACS (Consumer) URL Validator", "the same URL, dots and slashes escaped"),
                        ("SAML initiator", "Service Provider"), ("SAML nameID format", "Email"),
                        ("SAML signature element", "Assertion"))),
            Step("On Parameters add, each with Include in SAML assertion ticked:",
                 types=(("email", "Email"), ("firstName", "First Name"), ("lastName", "Last Name"),
                        ("groups", "User Roles, multi-value"))),
            Step("On SSO choose SHA-256 as SAML Signature Algorithm, then give people the app "
                 "under Access."),
        ),
        saml_back="On SSO copy the Issuer URL: it is the metadata's address. Paste it here.",
        oidc=(
            Step("In Administration open Applications › Add App and choose OpenId Connect (OIDC)."),
            Step("On Configuration fill in:",
                 copies=(("Login Url", LOGIN), ("Redirect URI's", REDIRECT),
                         ("Post Logout Redirect URIs", SIGN_OUT))),
            Step("On SSO choose Web as Application Type and POST as Token Endpoint."),
        ),
        oidc_back="On SSO, the link Well-known Configuration is the discovery URL. " + _OIDC_BACK,
    ),
    "ping": Guide(
        "Ping Identity",
        saml=(
            Step("In PingOne open Applications › Applications, add one, and choose SAML "
                 "Application, then Manually Enter."),
            Step("Fill in:", copies=(("ACS URLs", ACS), ("Entity ID", ENTITY),
                                     ("SLO Endpoint", SLS), ("SLO Response Endpoint", SLS))),
            Step("On Configuration, edit:",
                 types=(("Sign", "Sign Assertion & Response"),
                        ("Signing algorithm", "RSA_SHA256"), ("SLO binding", "HTTP Redirect"),
                        ("Subject NameID format", "emailAddress"))),
            Step("On Attribute Mappings add:",
                 types=(("saml_subject", "Email Address"), ("email", "Email Address"),
                        ("firstName", "Given Name"), ("lastName", "Family Name"),
                        ("groups", "Group Names"))),
            Step("Switch the application on with the toggle at its top."),
        ),
        saml_back="On Configuration copy the IDP Metadata URL and paste it here.",
        oidc=(
            Step("In PingOne open Applications › Applications, add one, and choose OIDC Web App."),
            Step("On Configuration fill in:",
                 copies=(("Redirect URIs", REDIRECT), ("Signoff URLs", SIGN_OUT)),
                 types=(("Response Type", "Code"), ("Grant Type", "Authorization Code"),
                        ("PKCE Enforcement", "S256_REQUIRED"))),
            Step("On Attribute Mappings add email, and groups for group rules; then switch it on."),
        ),
        oidc_back="The discovery URL is OIDC Discovery Endpoint under URLs. " + _OIDC_BACK,
    ),
    "google": Guide(
        "Google Workspace",
        saml=(
            Step("In the Admin console open Apps › Web and mobile apps › Add app › Add custom "
                 "SAML app, name it, and download the metadata in step 2 there."),
            Step("Under Service provider details fill in:",
                 copies=(("ACS URL", ACS), ("Entity ID", ENTITY), ("Start URL (optional)", LOGIN)),
                 types=(("Name ID format", "EMAIL"),
                        ("Name ID", "Basic Information > Primary email"))),
            Step("Under Attribute mapping add:",
                 types=(("Primary email", "email"), ("First name", "firstName"),
                        ("Last name", "lastName"), ("Group membership", "groups"))),
            Step("Switch the app on under User access. It can take up to a day to reach all."),
        ),
        saml_back="Google has no metadata address: paste the whole of the downloaded "
        "GoogleIDPMetadata.xml here.",
        oidc=(
            Step("In the Google Cloud console open APIs & Services › Credentials › Create "
                 "credentials › OAuth client ID, and choose Web application.",
                 copies=(("Authorized redirect URIs", REDIRECT),)),
            Step("Set the OAuth consent screen's User type to Internal, so that only your own "
                 "people get in. Google sends no groups by OpenID Connect: use SAML for group "
                 "rules."),
        ),
        oidc_back="The discovery URL is "
        "https://accounts.google.com/.well-known/openid-configuration. " + _OIDC_BACK,
    ),
    "keycloak": Guide(
        "Keycloak",
        saml=(
            Step("In your realm open Clients › Import client, or Create client with type SAML:",
                 copies=(("Client ID", ENTITY), ("Valid redirect URIs", ACS),
                         ("Master SAML Processing URL", ACS))),
            Step("On Settings:", types=(("Name ID format", "email"), ("Force name ID format", "On"),
                                        ("Sign assertions", "On"),
                                        ("Signature algorithm", "RSA_SHA256"))),
            Step("On Keys:", types=(("Client signature required", "Off"),
                                    ("Encrypt assertions", "Off"))),
            Step("On Advanced:", copies=(("Logout Service Redirect Binding URL", SLS),)),
            Step("On Client scopes open the dedicated scope and add mappers:",
                 types=(("User Property email", "email"), ("User Property firstName", "firstName"),
                        ("User Property lastName", "lastName"),
                        ("Group list, Full group path off", "groups"))),
        ),
        saml_back="Under Realm settings › Endpoints copy the address of SAML 2.0 Identity Provider "
        "Metadata and paste it here.",
        oidc=(
            Step("In your realm open Clients › Create client with type OpenID Connect, and switch "
                 "Client authentication on.",
                 copies=(("Valid redirect URIs", REDIRECT),
                         ("Valid post logout redirect URIs", SIGN_OUT))),
            Step("For group rules, on Client scopes open the dedicated scope and add the mapper "
                 "Group Membership.", types=(("Token Claim Name", "groups"),
                                             ("Full group path", "Off"))),
        ),
        oidc_back="The discovery URL is under Realm settings › Endpoints, the secret on "
        "Credentials. " + _OIDC_BACK,
    ),
    "other": Guide(
        "Another provider",
        saml=(
            Step("Make a SAML 2.0 application (service provider) there. Many providers read all of "
                 "it from our metadata:", copies=(("Service provider metadata", METADATA),)),
            Step("Others ask for it field by field:",
                 copies=(("ACS URL, HTTP-POST", ACS), ("Entity ID, Audience", ENTITY),
                         ("Single Logout URL, HTTP-Redirect", SLS))),
            Step("Have it send:", types=(("NameID", "the e-mail address, format emailAddress"),
                                         ("email, firstName, lastName", "attributes of the person"),
                                         ("groups", "names of groups, for group rules"))),
            Step("Have it sign assertions or responses with RSA or ECDSA and SHA-256, and encrypt "
                 "none of them."),
        ),
        saml_back="Paste the address of its metadata, or the document, or field by field here.",
        oidc=(
            Step("Make a confidential client for the authorization code flow there:",
                 copies=(("Redirect URI", REDIRECT), ("Post-logout redirect URI", SIGN_OUT))),
            Step("Have its ID tokens signed by RS256 or ES256, and put the claims email, "
                 "given_name and family_name into them or its user info; groups for group rules."),
        ),
        oidc_back=_OIDC_BACK,
    ),
}  # fmt: skip
"""By the word that a connection keeps as its provider."""

PROVIDERS = [(key, guide.name) for key, guide in GUIDES.items()]
