"""Who may come in, and how every refusal reads."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from access.roles import Role
from accounts.models import ApiToken, Organization, User
from audit.models import AuditRecord
from tests import factories
from tests.api.scim.conftest import Provider

pytestmark = pytest.mark.django_db
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def test_a_bad_bearer_is_401_with_a_scim_body(idp: Provider, acme: Organization) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        answer = Client(headers=headers).get(f"/scim/v2/{acme.pk}/Users")

        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/scim+json"
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer.json()["schemas"] == [ERROR]
        assert answer.json()["status"] == "401"
        assert answer.json()["detail"]


def test_a_token_counts_as_a_bearer_alone(idp: Provider, acme: Organization) -> None:
    for sent in (idp.bearer.replace("Bearer", "Basic"), "Bearer  "):
        answer = Client(headers={"Authorization": sent}).get(f"/scim/v2/{acme.pk}/Users")

        assert answer.status_code == 401
        assert answer.json()["detail"].startswith("No bearer was sent.")


def test_from_elsewhere_the_network_is_named(idp: Provider, acme: Organization) -> None:
    factories.restrict(acme, "203.0.113.0/24")

    answer = idp.get("/Users")

    assert answer.status_code == 403
    assert "you come from 127.0.0.1" in answer.json()["detail"]


def test_a_session_opens_nothing(idp: Provider, acme: Organization, olivia: User) -> None:
    client = Client()
    client.force_login(olivia)
    assert client.get(f"/scim/v2/{acme.pk}/Users").status_code == 401


def test_a_token_without_the_owner_role_is_403(idp: Provider, acme: Organization) -> None:
    member = Provider(acme, factories.organization_token(acme, Role.ORGANIZATION_MEMBER))
    answer = member.get("/Users")
    assert answer.status_code == 403
    assert "role Owner" in answer.json()["detail"]
    assert AuditRecord.objects.get(outcome="REFUSED").action == "accounts.provision"


def test_a_token_of_another_organization_is_404(idp: Provider, umbrella: Organization) -> None:
    foreign = Provider(umbrella, factories.organization_token(umbrella, Role.ORGANIZATION_OWNER))
    foreign.base = idp.base
    assert foreign.get("/Users").status_code == 404


def test_a_token_of_a_workspace_is_403(
    idp: Provider, team_token: ApiToken, acme: Organization
) -> None:
    assert Provider(acme, team_token.value).get("/Users").status_code == 403


def test_while_scim_is_off_every_call_is_told_so(idp: Provider, acme: Organization) -> None:
    acme.is_scim_on = False
    acme.save()
    answer = idp.get("/Users")
    assert answer.status_code == 403
    assert "switched off" in answer.json()["detail"]


def test_elsewhere_than_admitted_networks_it_is_403(idp: Provider, acme: Organization) -> None:
    factories.restrict(acme, "10.0.0.0/8")
    answer = idp.get("/Users")
    assert answer.status_code == 403
    assert answer.json()["schemas"] == [ERROR]


def test_what_was_provisioned_stands_in_the_audit_log(idp: Provider, acme: Organization) -> None:
    idp.user("jane@example.com", password="canary-secret-1")
    row = AuditRecord.objects.get(action="accounts.provision_user")

    assert row.organization_id == acme.pk
    assert row.door == "scim"
    assert row.actor_label == "robot"
    assert row.after["email"] == "jane@example.com"


def test_a_password_is_neither_kept_nor_answered(idp: Provider) -> None:
    import io

    from django.core.management import call_command

    made = idp.user("jane@example.com", password="canary-secret-1")
    assert "password" not in made
    out = io.StringIO()
    call_command("dumpdata", "accounts", "audit", stdout=out)
    assert "jane@example.com" in out.getvalue()
    assert "canary-secret-1" not in out.getvalue()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Nothing", 404),
        ("POST", "/", 404),
        ("GET", "/Users/none", 404),
        ("GET", "/Groups/none", 404),
        ("PATCH", "/Users", 405),
        ("PUT", "/Bulk", 405),
        ("POST", "/ServiceProviderConfig", 405),
        ("GET", "/Me", 501),
        ("PATCH", "/Me", 501),
        ("GET", "/Schemas/none", 404),
        ("GET", "/ResourceTypes/none", 404),
    ],
)
def test_every_refusal_has_the_form_of_scim(
    idp: Provider, method: str, path: str, status: int
) -> None:
    answer = idp.call(method, path, {} if method != "GET" else None)

    assert answer.status_code == status
    assert answer.json()["schemas"] == [ERROR]
    assert answer.json()["status"] == str(status)
    assert len(answer.json()["detail"]) > 10


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        ("{", "application/scim+json", 400),
        ("[" * 100_000, "application/scim+json", 400),
        ("\ufeff{}", "application/scim+json", 400),
        ("userName=jane", "application/x-www-form-urlencoded", 415),
        ("{}", "text/plain", 415),
        ('{"userName": "jane"}', "application/json; charset=utf-8", 201),
        ('{"userName": "max"}', "application/scim+json", 201),
        ('{"a": "' + "x" * 5_000_000 + '"}', "application/json", 413),
    ],
)
def test_a_body_is_json_of_at_most_4_mib(idp: Provider, sent: str, kind: str, status: int) -> None:
    answer = idp.call("POST", "/Users", sent, content_type=kind)
    assert answer.status_code == status
    assert status < 300 or answer.json()["status"] == str(status)


def test_discovery_answers_lists(idp: Provider) -> None:
    for path, total in (("/Schemas", 3), ("/ResourceTypes", 2)):
        found = idp.get(path).json()
        assert found["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
        assert found["totalResults"] == len(found["Resources"]) == total
        for each in found["Resources"]:
            assert idp.get(f"{path}/{each['id']}").json() == each


def test_the_configuration_says_what_works(idp: Provider) -> None:
    found = idp.get("/ServiceProviderConfig").json()
    for each in ("patch", "bulk", "filter", "sort", "etag"):
        assert found[each]["supported"] is True
    assert found["changePassword"]["supported"] is False
    assert "pagination" not in found
    asked = idp.get("/ServiceProviderConfig", attributes="pagination").json()
    assert asked["pagination"]["cursor"] is True
    assert found["bulk"] == {"supported": True, "maxOperations": 1000, "maxPayloadSize": 4194304}


def test_names_in_another_organization_tell_nothing(
    idp: Provider, umbrella: Organization, oscar: User
) -> None:
    """Not even whether an account exists, where the domain is not this Organization's."""
    User.objects.filter(pk=oscar.pk).update(email="oscar@umbrella.test")
    known = idp.post("/Users", {"userName": "oscar@umbrella.test"})
    unknown = idp.post("/Users", {"userName": "nobody@umbrella.test"})

    assert known.status_code == unknown.status_code == 201
    assert known.json().keys() == unknown.json().keys()


def test_every_address_stands_below_the_organization(acme: Organization) -> None:
    assert reverse("api:scim_users", args=[acme.pk]) == f"/scim/v2/{acme.pk}/Users"


def test_a_path_that_no_text_can_be_is_refused_in_the_form_of_scim(idp: Provider) -> None:
    answer = idp.call("GET", "/Users/%00")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/scim+json"
    assert answer.json()["schemas"] == [ERROR]
