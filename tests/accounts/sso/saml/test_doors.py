"""Sign-in by SAML through the console's doors: by whom it was begun, and for whom it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone
from lxml import etree

from accounts.models import Organization, SamlAnswer, SsoConnection, SsoIdentity, User
from accounts.services import sso_connections
from accounts.sso.saml import parking
from accounts.sso.saml.names import METADATA, a, p
from audit.models import AuditRecord
from tests import factories
from tests.accounts.sso.saml import browser
from tests.accounts.sso.saml.provider import Says, signed


def who(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


def refusals() -> list[str]:
    rows = AuditRecord.objects.filter(action="accounts.sso_sign_in", outcome="REFUSED")
    return [row.after["reason"] for row in rows.order_by("pk")]


def test_a_person_signs_in_at_the_provider_and_comes_back(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    begun = browser.begin(client, saml, "?next=/profile/")
    assert begun.xml.tag == p("AuthnRequest")
    assert begun.xml.get("Destination") == "https://idp.example.com/sso"
    assert begun.xml.get("AssertionConsumerServiceURL") == saml.url("acs")
    assert begun.xml.findtext(a("Issuer")) == saml.url("metadata")

    there = browser.post(saml, browser.says(saml, begun), begun.relay)
    assert who(client) == ""
    answer = client.get(there)

    assert answer["Location"] == "/profile/"
    assert who(client) == mia.pk
    assert SsoIdentity.objects.get().subject == "mia@example.com"
    assert refusals() == []


def test_the_session_is_a_new_one(client: Client, mia: User, saml: SsoConnection) -> None:
    begun = browser.begin(client, saml)
    before = client.session.session_key
    client.get(browser.post(saml, browser.says(saml, begun), begun.relay))
    assert client.session.session_key != before


def test_attributes_name_the_person(client: Client, saml: SsoConnection) -> None:
    begun = browser.begin(client, saml)
    attributes = {"email": ["NINA@example.com"], "firstName": ["Nina"], "lastName": ["Novak"]}
    said = browser.says(
        saml,
        begun,
        name_id="_changes",
        name_format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        attributes=attributes,
    )
    client.get(browser.post(saml, said, begun.relay))
    nina = User.objects.get(email="nina@example.com")
    assert nina.full_name == "Nina Novak"
    assert who(client) == nina.pk
    assert SsoIdentity.objects.get().subject == "email:nina@example.com"


def test_what_waits_is_fetched_once_and_within_two_minutes(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    begun = browser.begin(client, saml)
    there = browser.post(saml, browser.says(saml, begun), begun.relay)
    assert SamlAnswer.objects.get().ticket
    assert client.get(there).status_code == 302
    kept = SamlAnswer.objects.get()
    assert (kept.ticket, kept.content) == (None, "")
    assert client.get(there).status_code == 403

    begun = browser.begin(client, saml)
    there = browser.post(saml, browser.says(saml, begun), begun.relay)
    late = timezone.now() - parking.WAITS - timedelta(seconds=1)
    SamlAnswer.objects.update(parked_at=late)
    assert client.get(there).status_code == 403
    assert refusals() == ["wrong_ticket", "wrong_ticket"]


def test_nobody_is_signed_in_by_an_answer_that_another_browser_asked_for(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    """An attacker's own answer, put into somebody's browser, would sign them in as the attacker."""
    attacker = Client()
    begun = browser.begin(attacker, saml)
    theirs = browser.post(saml, browser.says(saml, begun), begun.relay)
    browser.begin(client, saml)

    assert client.get(theirs).status_code == 403
    assert who(client) == ""
    assert refusals() == ["wrong_request"]


def test_an_answer_to_another_request_of_the_same_browser_does_not_count(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    one, other = browser.begin(client, saml), browser.begin(client, saml)
    there = browser.post(saml, browser.says(saml, one), other.relay)
    assert client.get(there).status_code == 403
    assert refusals() == ["wrong_request"]


# Begun at the provider


def test_what_began_at_the_provider_counts_only_where_it_is_allowed(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    there = browser.post(saml, browser.says(saml))
    assert client.get(there).status_code == 403
    assert refusals() == ["unsolicited"]


def test_what_began_at_the_provider_is_asked_for_by_the_browser_itself(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    """So the answer of an attacker, put into somebody's browser, signs nobody in as them."""
    saml.idp_initiated = True
    saml.save()
    there = browser.post(saml, browser.says(saml), "/profile/")
    page = client.get(there)
    assert page.status_code == 200
    assert who(client) == ""

    begun = browser.asked(page.content.decode())
    answer = client.get(browser.post(saml, browser.says(saml, begun), begun.relay))
    assert answer["Location"] == "/profile/"
    assert who(client) == mia.pk


def test_what_began_at_the_provider_counts_once(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    saml.idp_initiated = True
    saml.save()
    answer = signed(browser.says(saml))
    browser.post(saml, answer)
    assert client.get(browser.post(saml, answer)).status_code == 403
    assert refusals() == ["replay"]


def test_a_target_elsewhere_is_not_followed(client: Client, mia: User, saml: SsoConnection) -> None:
    saml.idp_initiated = True
    saml.save()
    page = client.get(browser.post(saml, browser.says(saml), "https://evil.example.com/"))
    begun = browser.asked(page.content.decode())
    answer = client.get(browser.post(saml, browser.says(saml, begun), begun.relay))
    assert answer["Location"] == "/"


# Whom a provider has power over


def test_an_address_outside_the_proven_domains_is_nobody(
    client: Client, saml: SsoConnection, umbrella: Organization
) -> None:
    """Owen has an account, in a domain that Acme has not proven."""
    owen = User.objects.create_user("owen@umbrella.example", "correct-horse-battery")
    begun = browser.begin(client, saml)
    said = browser.says(saml, begun, name_id="owen@umbrella.example")
    assert client.get(browser.post(saml, said, begun.relay)).status_code == 403
    assert who(client) == ""
    assert not SsoIdentity.objects.filter(user=owen).exists()
    assert len(refusals()) == 1


def test_an_address_hidden_in_another_is_nobodys(
    client: Client, mia: User, saml: SsoConnection
) -> None:
    for name in ("mia@example.com@evil.example", "mia@example.com\nx@evil.example", "@example.com"):
        begun = browser.begin(client, saml)
        said = browser.says(saml, begun, name_id=name)
        assert client.get(browser.post(saml, said, begun.relay)).status_code == 403
    assert who(client) == ""


def test_equal_names_of_two_providers_are_two_people(
    client: Client, mia: User, saml: SsoConnection, umbrella: Organization
) -> None:
    begun = browser.begin(client, saml)
    said = browser.says(
        saml, begun, name_id="u1", name_format="x", attributes={"email": ["mia@example.com"]}
    )
    client.get(browser.post(saml, said, begun.relay))
    assert who(client) == mia.pk

    theirs = factories.sso_connection(
        factories.sso_domain(umbrella, "umbrella.example"),
        kind="SAML",
        idp_entity_id=saml.idp_entity_id,
        sso_url=saml.sso_url,
        certificates=saml.certificates,
    )
    other = Client()
    begun = browser.begin(other, theirs)
    said = replace(
        browser.says(theirs, begun, name_id="u1"), attributes={"email": ["uma@umbrella.example"]}
    )
    other.get(browser.post(theirs, said, begun.relay))
    uma = User.objects.get(email="uma@umbrella.example")
    assert who(other) == uma.pk != mia.pk


def test_names_of_one_provider_mean_nothing_to_another(
    client: Client, mia: User, olivia: User, saml: SsoConnection
) -> None:
    SsoIdentity.objects.create(connection=saml, subject="u1", user=mia, last_seen_at=timezone.now())
    values = {
        "name": saml.name, "default_role": saml.default_role, "idp_entity_id": "urn:another",
        "sso_url": saml.sso_url, "certificates": saml.certificates,
    }  # fmt: skip
    saml = sso_connections.update_connection(saml, values=values, actor=factories.actor(olivia))

    begun = browser.begin(client, saml)
    attributes = {"email": ["nina@example.com"]}
    said = browser.says(saml, begun, name_id="u1", issuer="urn:another", attributes=attributes)
    client.get(browser.post(saml, said, begun.relay))

    assert who(client) == User.objects.get(email="nina@example.com").pk


def test_an_answer_for_one_connection_is_none_for_another(
    client: Client, mia: User, saml: SsoConnection, umbrella: Organization
) -> None:
    """With one provider and key for both: address and audience tell them apart."""
    theirs = factories.sso_connection(
        factories.sso_domain(umbrella, "umbrella.example"),
        kind="SAML",
        idp_entity_id=saml.idp_entity_id,
        sso_url=saml.sso_url,
        certificates=saml.certificates,
    )
    begun = browser.begin(client, theirs)
    client.get(browser.post(theirs, browser.says(saml, begun), begun.relay))
    assert who(client) == ""
    assert refusals() == ["wrong_destination"]


# What it says of itself, and what it is sent


def test_the_metadata_says_what_a_provider_has_to_know(client: Client, saml: SsoConnection) -> None:
    answer = client.get(saml.url("metadata"))
    root = etree.fromstring(answer.content)
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    assert root.get("entityID") == saml.url("metadata")
    (acs,) = root.iter(f"{{{METADATA}}}AssertionConsumerService")
    assert acs.get("Location") == saml.url("acs")
    (role,) = root.iter(f"{{{METADATA}}}SPSSODescriptor")
    assert role.get("WantAssertionsSigned") == "true"


def test_a_connection_that_is_not_set_up_says_so(client: Client, saml: SsoConnection) -> None:
    saml.certificates = []
    saml.save()
    page = client.get(saml.url("login"))
    assert page.status_code == 403
    assert "does not know its identity provider yet" in page.content.decode()


def test_nobody_makes_the_console_say_something(client: Client, saml: SsoConnection) -> None:
    page = client.get(f"{saml.url('arrived')}?refusal=WyJhIiwiYiIsIkNhbGwgNTU1IiwgIiJd")
    assert page.status_code == 403
    assert "This page was opened before" in page.content.decode()


def test_an_owner_through_a_provider_is_asked_for_their_second_factor_as_ever(
    client: Client, olivia: User, saml: SsoConnection
) -> None:
    TOTP.activate(olivia, generate_totp_secret())
    begun = browser.begin(client, saml)
    said: Says = browser.says(saml, begun, name_id=olivia.email)
    answer = client.get(browser.post(saml, said, begun.relay))
    assert "/2fa/" in answer["Location"]
    assert who(client) == ""
