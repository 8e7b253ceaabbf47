"""An Organization with all that one can have, raised from the known cast, and marked.

The fixtures of `tests/conftest.py` are called a second time for a second Organization, so what is
added there for the route matrix is swapped here too. Afterwards every name, address and secret
holds the Organization's mark: a mark in an answer to the other is a leak.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db import models
from django.test import Client
from django.utils import timezone

from access.actor import system
from access.roles import Role
from accounts.models import Organization, User
from accounts.services import invitations
from accounts.services.provisioning import groups, users
from accounts.services.provisioning.wanted import WantedGroup, WantedUser
from deployments.models import Deployment, DeploymentRoleBinding, EnvironmentVariable, Operation
from tests import conftest, factories
from tests.architecture.routes import Route
from tests.gateway.conftest import session_of
from tests.tenants.rows import Ledger, owned_models, rows_of
from workspaces import services as workspaces

_CAST = ("olivia", "bill", "mia", "wanda", "oliver")
PEOPLE = (*_CAST, "dana", "cora", "nobody")
"""Who is called `nobody` has an account, an invitation, and no role anywhere."""
TOKENS = ("robot_token", "owner_token", "team_token", "pipeline_token")
_OTHERS = {
    "umbrella": "acme", "lab": "science", "oscar": "olivia", "secret_lab": "etl",
    "foreign_domain": "acme_domain",
}  # fmt: skip
"""Who stands in the matrix for a stranger: here each of the two is the other's stranger."""
_MARKED = {
    "name", "description", "full_name", "email", "target", "failure_cause", "created_by_label",
    "started_by_label", "value", "secret", "client_secret", "client_id", "domain",
}  # fmt: skip


class Caller(Client):
    """Django's test client without its copy of every template's context, which costs most of it."""

    def request(self, **request: Any) -> Any:
        answer = self.handler(self._base_environ(**request))  # type: ignore[attr-defined]
        self.cookies.update(answer.cookies)
        return answer


@dataclass
class Realm:
    """One of the two Organizations."""

    mark: str
    """Stands in each of its names, addresses and secrets, and nowhere else."""
    made: dict[str, Any] = field(default_factory=dict)
    """By the name of the fixture, as `Route.args` have it."""
    said: dict[str, str] = field(default_factory=dict)
    """What the matrix sends by its name in the cast, to the name it has here."""
    callers: dict[str, Client] = field(default_factory=dict)
    ids: dict[type[Any], list[str]] = field(default_factory=dict)
    """Keys of its rows as they are now."""

    @property
    def organization(self) -> Organization:
        found: Organization = self.made["acme"]
        return found

    @property
    def people(self) -> list[str]:
        return [each.pk for each in self.made.values() if isinstance(each, User)]

    def one(self, fixture: str) -> Any:
        """What the cast has under a name, made when it is first asked for."""
        name = _OTHERS.get(fixture, fixture.removeprefix("foreign_"))
        if name not in self.made:
            function = inspect.unwrap(getattr(conftest, name))
            needs = [each for each in inspect.signature(function).parameters if each != "db"]
            extra = {"db": None} if "db" in inspect.signature(function).parameters else {}
            self.made[name] = function(**{each: self.one(each) for each in needs}, **extra)
        return self.made[name]

    def look(self) -> None:
        """Take in what rows there are now."""
        self.ids = self.ledger.keys()

    @cached_property
    def ledger(self) -> Ledger:
        """Of the people and the Organization that were there at first."""
        return Ledger(self.organization, self.people)


def raise_realm(mark: str, routes: list[Route]) -> Realm:
    """Everything that the matrix names, the cast, and a token of each kind with its value."""
    realm = Realm(mark)
    for name in (*(arg for route in routes for arg in route.args), "science", "etl", "shipped"):
        realm.one(name)
    _people(realm)
    realm.made["operation"] = _furnish(realm.one("etl"))
    _mark(realm)
    _provision(realm)
    _invite(realm)
    _write_a_row(realm)
    realm.callers = dict(_callers(realm))
    realm.look()
    return realm


def _people(realm: Realm) -> None:
    for name in _CAST:
        realm.one(name)
    realm.made["nobody"] = factories.user("nobody")
    etl: Deployment = realm.one("etl")
    for name, role in (("dana", Role.DEPLOYMENT_ADMIN), ("cora", None)):
        person = realm.made[name] = factories.member(name, realm.organization)
        DeploymentRoleBinding.objects.create(
            deployment=etl, user=person, role=role or Role.DEPLOYMENT_ACCESSOR
        )
    factories.grant(realm.made["cora"], realm.one("science"), Role.WORKSPACE_OWNER)


def _furnish(etl: Deployment) -> Operation:
    """A secret, and a failure that its pages tell."""
    EnvironmentVariable.objects.create(deployment=etl, key="PASSWORD", value="x", is_secret=True)
    return Operation.objects.create(
        organization=etl.organization,
        deployment=etl,
        kind=Operation.Kind.RETRY,
        status=Operation.Status.FAILED,
        generation=1,
        failure_cause="It broke",
        started_by_kind="USER",
        started_by_label="olivia@example.com",
        deadline=timezone.now() + timedelta(hours=1),
    )


def _mark(realm: Realm) -> None:
    for model in owned_models():
        if model._meta.app_label == "audit":
            continue
        fields = [f.name for f in model._meta.concrete_fields if _is_marked(f)]
        for row in rows_of(model, realm.organization, realm.people) if fields else ():
            marked = {name: _marked(getattr(row, name), realm.mark) for name in fields}
            realm.said |= {getattr(row, name): text for name, text in marked.items()}
            model._base_manager.filter(pk=row.pk).update(**marked)
    for thing in realm.made.values():
        if isinstance(thing, models.Model):
            thing.refresh_from_db()
    realm.said.pop("", None)


def _provision(realm: Realm) -> None:
    """SCIM is on, and has brought a person and a group."""
    organization, mark = realm.organization, realm.mark
    Organization.objects.filter(pk=organization.pk).update(is_scim_on=True)
    organization.refresh_from_db()
    wanted = WantedUser(f"paul@{mark}.example.com", f"x-{mark}", None, {"title": f"T-{mark}"})
    paul = users.create(organization, wanted=wanted, actor=system("test"))
    whole = WantedGroup(f"Planners-{mark}", f"g-{mark}", frozenset([paul.pk]))
    group = groups.create(organization, wanted=whole, actor=system("test"))
    realm.made |= {"provisioned_user": paul, "provisioned_group": group, "paul": paul.user}


def _invite(realm: Realm) -> None:
    """Somebody who has an account already, by a link that is known here."""
    offer = invitations.invite(
        realm.organization,
        email=realm.one("nobody").email,
        role=Role.ORGANIZATION_MEMBER,
        actor=factories.actor(realm.one("olivia")),
    )
    secret = offer.link.strip("/").rpartition("/")[2]
    realm.made |= {"offer": offer, "offer_secret": SimpleNamespace(pk=secret)}


def _write_a_row(realm: Realm) -> None:
    """After the marking, so that the audit log, which nobody can change, holds marks as well."""
    workspaces.update(
        realm.one("science"),
        name=realm.one("science").name,
        description=f"Of {realm.mark}",
        enforces_ci_cd=False,
        actor=factories.actor(realm.one("olivia")),
    )


def _is_marked(field: Any) -> bool:
    return field.name in _MARKED and not field.choices and field.max_length != 0


def _marked(text: str, mark: str) -> str:
    name, at, _ = text.partition("@")
    if at or text == "example.com":
        return f"{name}{at}{mark}.example.com" if at else f"{mark}.{text}"
    # One word, as some answers repeat the words of what was sent one by one
    return "-".join([*text.split(), mark])


def _callers(realm: Realm) -> Iterator[tuple[str, Client]]:
    for name in PEOPLE:
        client = Caller()
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(realm.made[name])
        client.get("/")  # takes the session into the list of sessions
        yield name, client
    bearers: Mapping[str, str] = {
        name: realm.one(name).value for name in TOKENS if name != "owner_token"
    } | {"owner_token": factories.organization_token(realm.organization, Role.ORGANIZATION_OWNER)}
    for name in TOKENS:
        yield name, Caller(headers={"Authorization": f"Bearer {bearers[name]}"})
