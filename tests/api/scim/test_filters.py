"""The whole filter grammar (RFC 7644, section 3.4.2.2), asked of the database."""

from __future__ import annotations

import pytest

from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def people(idp: Provider) -> Provider:
    """Jane and John of Data, Max who is off, and %odd_ with a name that LIKE would read."""
    idp.user(
        "Jane@example.com",
        externalId="E-1",
        name={"givenName": "Jane", "familyName": "Doe"},
        title="Analyst",
        emails=[
            {"value": "jane@example.com", "type": "work", "primary": True},
            {"value": "jane@home.example", "type": "home"},
        ],
        **{ENTERPRISE: {"department": "Data", "manager": {"value": "m-1"}}},
    )
    idp.user(
        "john@example.com",
        externalId="E-2",
        name={"familyName": "Smith"},
        emails=[{"value": "john@home.example", "type": "work"}],
        **{ENTERPRISE: {"department": "data"}},
    )
    idp.user("max@example.com", active=False, title="Lead")
    idp.user("%odd_", title='a"b\\c')
    return idp


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('userName eq "jane@EXAMPLE.com"', {"Jane"}),
        ('USERNAME EQ "jane@example.com"', {"Jane"}),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "j"', {"Jane", "john"}),
        ('userName ne "jane@example.com"', {"john", "max", "%odd_"}),
        ('userName co "%"', {"%odd_"}),
        ('userName co "_"', {"%odd_"}),
        ('userName ew "@example.com"', {"Jane", "john", "max"}),
        ('userName gt "john@example.com"', {"max"}),
        ('userName ge "john@example.com" and userName lt "max@example.com"', {"john"}),
        ('userName le "john@example.com" and userName sw "j"', {"Jane", "john"}),
        ('externalId eq "E-1"', {"Jane"}),
        ('externalId eq "e-1"', set()),
        ("externalId pr", {"Jane", "john"}),
        ("externalId eq null", {"max", "%odd_"}),
        ("active eq true", {"Jane", "john", "%odd_"}),
        ("active eq false", {"max"}),
        ('active eq "False"', {"max"}),
        ("active ne true", {"max"}),
        ('title eq "analyst"', {"Jane"}),
        ('title ne "analyst"', {"john", "max", "%odd_"}),
        ("title pr", {"Jane", "max", "%odd_"}),
        ("not (title pr)", {"john"}),
        ("title ne null", {"Jane", "max", "%odd_"}),
        ('title eq "a\\"b\\\\c"', {"%odd_"}),
        ('name.familyName eq "doe"', {"Jane"}),
        ("name pr", {"Jane", "john"}),
        ('emails eq "jane@home.example"', {"Jane"}),
        ('emails.value co "home"', {"Jane", "john"}),
        ('emails.type eq "home"', {"Jane"}),
        ('emails[type eq "work" and value co "home"]', {"john"}),
        ('emails[not (type eq "work")]', {"Jane"}),
        ("emails[primary eq true]", {"Jane"}),
        ('emails[type eq "home" or value sw "john"]', {"Jane", "john"}),
        ("emails pr", {"Jane", "john"}),
        (f'{ENTERPRISE}:department eq "DATA"', {"Jane", "john"}),
        ('department eq "DATA"', {"Jane", "john"}),
        (f'{ENTERPRISE}:manager.value eq "m-1"', {"Jane"}),
        (f'{ENTERPRISE}:manager eq "m-1"', {"Jane"}),
        ('userName sw "j" and not (externalId eq "E-2")', {"Jane"}),
        ('userName eq "max@example.com" or userName sw "j" and active eq false', {"max"}),
        ('(userName eq "max@example.com" or userName sw "j") and active eq true', {"Jane", "john"}),
        ('meta.created gt "2020-01-01T00:00:00Z" and userName sw "j"', {"Jane", "john"}),
        ('meta.lastModified lt "2020-01-01"', set()),
        ('id eq "none"', set()),
    ],
)
def test_a_filter_finds_whom_it_names(people: Provider, text: str, found: set[str]) -> None:
    assert people.names(text) == found


def test_people_are_found_by_their_groups_and_groups_by_their_people(people: Provider) -> None:
    jane = people.get("/Users", filter='userName sw "jane"').json()["Resources"][0]
    group = people.group("Analysts", jane)
    people.group("Empty")

    assert people.names(f'groups.value eq "{group["id"]}"') == {"Jane"}
    assert people.names('groups[display eq "analysts"]') == {"Jane"}
    assert people.names(f'members eq "{jane["id"]}"', "/Groups") == {"Analysts"}
    assert people.names(f'members[value eq "{jane["id"]}"]', "/Groups") == {"Analysts"}
    both = f'id eq "{group["id"]}" and members eq "{jane["id"]}"'
    assert people.names(both, "/Groups") == {"Analysts"}
    assert people.names('displayName eq "EMPTY"', "/Groups") == {"Empty"}
    assert people.names("not (members pr)", "/Groups") == {"Empty"}


@pytest.mark.parametrize(
    "text",
    [
        "userName",
        "userName eq",
        "userName eq jane",
        'userName is "jane"',
        'userName eq "jane',
        'userName eq "a\\qb"',
        '(userName eq "jane"',
        'userName eq "jane")',
        'userName eq "jane" userName eq "max"',
        'nothing eq "jane"',
        'password eq "secret"',
        "active gt true",
        'active eq "perhaps"',
        "userName eq 7",
        "title gt null",
        'emails[nothing eq "x"]',
        'emails[type eq "work"',
        'name[familyName eq "Doe"]',
        'name eq "Doe"',
        'meta.created eq "yesterday"',
        'meta.created co "2020"',
        'meta.location eq "x"',
        'userName eq "\\u0000"',
        'userName eq "\\ud800"',
        "(" * 30 + 'userName eq "x"' + ")" * 30,
        " or ".join(['userName eq "x"'] * 101),
        'userName eq "' + "x" * 8_000 + '"',
        "'; DROP TABLE accounts_provisioneduser; --",
    ],
)
def test_what_cannot_be_read_is_refused_with_invalid_filter(idp: Provider, text: str) -> None:
    answer = idp.get("/Users", filter=text)
    assert answer.status_code == 400
    assert answer.json()["scimType"] == "invalidFilter"
