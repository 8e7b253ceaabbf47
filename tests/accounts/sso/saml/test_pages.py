"""Setting a SAML connection up: told to the provider step by step, and brought back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organization, SsoConnection, User
from accounts.sso import guides
from tests.accounts.sso.saml import browser
from tests.accounts.sso.saml.provider import pair
from tests.accounts.sso.saml.test_metadata import document

NOW = datetime.now(UTC)
FIELDS = {
    "name": "Okta", "provider": "okta", "default_role": "ORGANIZATION_MEMBER",
    "jit_enabled": "on", "email_attribute": "email", "first_name_attribute": "firstName",
    "last_name_attribute": "lastName", "name_attribute": "name", "groups_attribute": "groups",
}  # fmt: skip


@pytest.fixture
def draft(client: Client, acme: Organization, olivia: User) -> SsoConnection:
    """What Olivia made before she went to her provider."""
    client.force_login(olivia)
    client.post(reverse("accounts:sso_new", args=[acme.pk, "SAML"]), FIELDS)
    return SsoConnection.objects.get()


def edit(client: Client, connection: SsoConnection, **fields: str) -> tuple[int, str]:
    url = reverse("accounts:sso_edit", args=[connection.organization_id, connection.pk])
    answer = client.post(url, FIELDS | {"seen": connection.version} | fields)
    return answer.status_code, answer.content.decode()


def shown(client: Client, connection: SsoConnection) -> str:
    url = reverse("accounts:sso_connection", args=[connection.organization_id, connection.pk])
    return client.get(url).content.decode()


@pytest.mark.parametrize("provider", guides.GUIDES)
@pytest.mark.parametrize("kind", ["SAML", "OIDC"])
def test_every_guide_names_what_its_provider_has_to_know(
    client: Client, sso: SsoConnection, olivia: User, provider: str, kind: str
) -> None:
    sso.provider, sso.kind = provider, kind
    sso.save()
    client.force_login(olivia)
    page = shown(client, sso)
    name = "your provider" if provider == "other" else guides.GUIDES[provider].name
    assert f"Set it up at {name}" in page
    needed = ("acs", "metadata") if kind == "SAML" else ("callback",)
    for route in needed:
        assert f'data-copy="{sso.url(route)}"' in page


def test_a_connection_begins_with_its_name_and_ends_with_metadata(
    client: Client, draft: SsoConnection
) -> None:
    assert draft.state == "DRAFT"
    assert "Single sign-on URL" in shown(client, draft)
    assert client.get(draft.url("login")).status_code == 403

    lasting = pair("lasting", since=NOW).certificate
    status, _ = edit(client, draft, metadata_xml=document(lasting))
    draft.refresh_from_db()
    assert status == 302
    assert draft.idp_entity_id == "https://idp.example.com/"
    assert draft.slo_url == "https://idp.example.com/slo"
    assert draft.certificates == [lasting]
    assert draft.metadata_xml == ""
    assert "https://idp.example.com/sso" in shown(client, draft)


def test_a_second_certificate_is_added_by_hand(client: Client, draft: SsoConnection) -> None:
    one, two = (pair(name, since=NOW).certificate for name in ("one", "two"))
    values = {
        "idp_entity_id": "https://idp.example.com/", "sso_url": "https://idp.example.com/sso",
        "certificates": one,
    }  # fmt: skip
    edit(client, draft, **values)
    draft.refresh_from_db()
    edit(client, draft, **(values | {"certificates": one + two}))
    draft.refresh_from_db()
    assert draft.certificates == [one, two]
    status, page = edit(
        client, draft, **(values | {"certificates": one + two + pair("3", since=NOW).certificate})
    )
    assert status == 422
    assert "At most two" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"metadata_xml": "<oops"}, "This is not metadata: it is no XML"),
        ({"metadata_url": "http://169.254.169.254/"}, "must begin with https://"),
        ({"metadata_url": "https://127.0.0.1/"}, "no address that this console may send to"),
        ({"certificates": "x"}, "This is no certificate"),
        ({"sso_url": "https://idp.example.com/"}, "The provider&#x27;s entity ID"),
        (
            {"metadata_xml": document(pair("ended", days=-3_000).certificate)},
            "The certificate expired on",
        ),
    ],
)
def test_what_cannot_be_used_is_named_at_its_field_and_changes_nothing(
    client: Client, draft: SsoConnection, fields: dict[str, str], words: str
) -> None:
    status, page = edit(client, draft, **fields)
    assert status == 422
    assert words in page
    before = draft.version
    draft.refresh_from_db()
    assert draft.version == before


def test_the_page_warns_of_a_certificate_that_ends(client: Client, draft: SsoConnection) -> None:
    ends = pair("ends", days=20, since=NOW)
    edit(client, draft, metadata_xml=document(ends.certificate))
    page = shown(client, draft)
    assert "A certificate expires on" in page
    assert "No other one follows it" in page
    SsoConnection.objects.update(certificates=[pair("ended", days=-1, since=NOW).certificate])
    assert "Nobody gets in by it any more" in shown(client, draft)


def test_reading_metadata_that_is_not_there_says_so_and_goes_on(
    client: Client, draft: SsoConnection
) -> None:
    SsoConnection.objects.update(metadata_url="https://127.0.0.1/metadata", state="ACTIVE")
    url = reverse("accounts:sso_refresh", args=[draft.organization_id, draft.pk])
    page = client.post(url, follow=True).content.decode()
    assert "The metadata was not taken over" in page
    assert "The connection goes on as it is" in page
    assert "The metadata could not be read" in page
    assert SsoConnection.objects.get().is_active


def test_a_test_sign_in_shows_what_came_and_why_it_did_not_pass(
    client: Client, saml: SsoConnection, olivia: User
) -> None:
    client.force_login(olivia)
    start = reverse("accounts:sso_test_start", args=[saml.organization_id, saml.pk])
    begun = browser.asked(client.post(start).content.decode())
    wrong = browser.says(saml, begun, audience="https://other.example.com/")
    page = client.get(browser.post(saml, wrong, begun.relay), follow=True).content.decode()
    assert "not meant for this console" in page

    begun = browser.asked(client.post(start).content.decode())
    right = browser.says(saml, begun, attributes={"groups": ["data"]})
    page = client.get(browser.post(saml, right, begun.relay), follow=True).content.decode()
    assert "mia@example.com" in page
    assert "data" in page
    assert client.session["_auth_user_id"] == olivia.pk


def test_a_connection_by_openid_connect_begins_with_its_name_too(
    client: Client, acme: Organization, olivia: User
) -> None:
    """Its redirect URI has to be known at the provider before that gives a client ID."""
    client.force_login(olivia)
    oidc = FIELDS | {"scopes": "openid email profile"}
    client.post(reverse("accounts:sso_new", args=[acme.pk, "OIDC"]), oidc)
    made = SsoConnection.objects.get()
    assert f'data-copy="{made.url("callback")}"' in shown(client, made)
    page = client.get(made.url("login"))
    assert page.status_code == 403
    start = reverse("accounts:sso_test_start", args=[acme.pk, made.pk])
    assert (
        "does not know its identity provider yet"
        in client.post(start, follow=True).content.decode()
    )

    status, _ = edit(client, made, scopes="openid", client_id="console")
    assert status == 422
