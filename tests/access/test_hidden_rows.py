"""What a query answers is what somebody may see, whichever page asks it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from access.actor import Actor, system
from access.policy import ExceedsOwnRights, PermissionDenied
from access.roles import Role
from accounts import ip_trial, provisioned
from accounts import queries as accounts
from accounts.models import (
    ApiToken,
    AuditFilter,
    AuditSink,
    Organization,
    Team,
    User,
)
from accounts.services import audit_filters, group_rules, organization_tokens, sinks
from deployments import component_logs, queries, summary
from deployments.gateway import oidc
from deployments.models import Deploy, Deployment, Operation
from deployments.provisioners.base import LogQuery
from deployments.services import power
from deployments.services import tokens as deployment_tokens_of
from deployments.views import stream
from deployments.views import tokens as deployment_tokens
from installation import services as installation
from tests import factories
from web.errors import NotFound
from workspaces import queries as workspaces
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services import members
from workspaces.services import tokens as workspace_tokens_of
from workspaces.views import tokens as workspace_tokens


@pytest.fixture
def operation(etl: Deployment, wanda: User) -> Operation:
    return Operation.objects.create(
        organization=etl.organization,
        deployment=etl,
        kind=Operation.Kind.WAKE,
        generation=1,
        started_by_kind="USER",
        started_by_id=wanda.pk,
        started_by_label=wanda.email,
        deadline=timezone.now(),
    )


@pytest.fixture
def gone(science: Workspace) -> Deployment:
    return factories.deployment(science, "old", status="DELETED", deleted_at=timezone.now())


@pytest.fixture
def world(
    acme: Organization,
    science: Workspace,
    etl: Deployment,
    gone: Deployment,
    shipped: Deploy,
    operation: Operation,
    robot_token: ApiToken,
    secret_lab: Deployment,
    crew: Team,
) -> SimpleNamespace:
    return SimpleNamespace(**locals())


Ask = Callable[[Actor, Any], Any]
LISTS: dict[str, tuple[Ask, dict[str, list[str]]]] = {
    "organizations": (
        lambda actor, _: accounts.organizations(actor),
        {"oscar": ["Umbrella"], "mia": ["Acme"], "opal": []},
    ),
    "workspaces": (
        lambda actor, _: workspaces.workspaces(actor),
        {"oscar": ["Lab"], "wanda": ["Data Science"], "opal": []},
    ),
    "deployments": (
        lambda actor, _: queries.deployments(actor),
        {"oscar": ["secret-lab"], "wanda": ["prod-etl"], "mia": []},
    ),
    "deleted Deployments": (
        lambda actor, _: queries.deleted(actor),
        {"oscar": [], "wanda": ["old"], "mia": []},
    ),
    "deploys": (
        lambda actor, world: queries.deploys(actor, world.etl).values_list("number", flat=True),
        {"oscar": [], "wanda": ["1"], "mia": []},
    ),
    "operations": (
        lambda actor, world: queries.operations(actor, world.etl),
        {"oscar": [], "oliver": ["Wake prod-etl"], "mia": []},
    ),
    "recent operations": (
        lambda actor, world: summary.recent_operations(actor, world.acme),
        {"oscar": [], "oliver": ["Wake prod-etl"], "mia": []},
    ),
    "Workspaces for a new Deployment": (
        lambda actor, world: queries.homes_for_new(actor, world.acme),
        {"oscar": [], "wanda": [], "oliver": ["Data Science"]},
    ),
    "tokens to attach": (
        lambda actor, world: workspace_tokens_of.attachable(world.science, actor),
        {"oscar": [], "oliver": [], "olivia": ["pipeline"]},
    ),
    "Workspaces to lend a token to": (
        lambda actor, world: [name for _, name in workspace_tokens._within(actor, world.acme)],
        {"oscar": [], "wanda": [], "oliver": ["Data Science"]},
    ),
    "Deployments to lend a token to": (
        lambda actor, world: [name for _, name in deployment_tokens._within(actor, world.acme)],
        {"oscar": [], "oliver": [], "olivia": ["Data Science / prod-etl"]},
    ),
}


@pytest.mark.parametrize(
    ("ask", "person", "seen"),
    [(ask, who, seen) for ask, answers in LISTS.values() for who, seen in answers.items()],
    ids=[f"{name} of {who}" for name, (_, answers) in LISTS.items() for who in answers],
)
def test_a_list_holds_what_one_may_see(
    ask: Ask, person: str, seen: list[str], world: Any, request: pytest.FixtureRequest
) -> None:
    actor = factories.actor(request.getfixturevalue(person))

    assert [str(each) for each in ask(actor, world)] == seen


def test_what_one_started_is_hidden_with_the_right_to_see_it(
    operation: Operation, wanda: User
) -> None:
    assert list(queries.own_operations(factories.actor(wanda))) == [operation]
    WorkspaceRoleBinding.objects.filter(user=wanda).delete()

    assert not queries.own_operations(factories.actor(wanda)).exists()


@pytest.mark.parametrize("person", ["mia", "oscar", "opal"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda actor, world: queries.operation(actor, world.etl, world.operation.pk),
        lambda actor, world: queries.deploy(actor, world.etl, world.shipped.pk),
        lambda actor, world: queries.deleted_deployment(actor, world.gone.pk),
        lambda actor, world: queries.deployment_in(actor, world.etl.namespace),
    ],
    ids=["operation", "deploy", "deleted", "namespace"],
)
def test_one_row_is_missing_for_who_may_not_see_it(
    ask: Ask, person: str, world: Any, wanda: User, request: pytest.FixtureRequest
) -> None:
    assert ask(factories.actor(wanda), world)
    with pytest.raises(NotFound):
        ask(factories.actor(request.getfixturevalue(person)), world)


@pytest.mark.parametrize("person", ["mia", "oscar"])
def test_airflow_learns_nothing_about_who_may_not_see_it(
    person: str, etl: Deployment, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotFound):
        oidc.claims(f"{oidc._PREFIX}{etl.pk}", request.getfixturevalue(person))


@pytest.mark.parametrize(
    "ask",
    [
        lambda actor, world: accounts.members(actor, world.acme),
        lambda actor, world: accounts.teams(actor, world.acme),
        lambda actor, world: accounts.team_members(actor, world.crew),
        lambda actor, world: accounts.invitations(actor, world.acme),
        lambda actor, world: workspaces.members(actor, world.science),
        lambda actor, world: workspaces.teams(actor, world.science),
        lambda actor, world: component_logs.read(actor, world.etl, LogQuery()),
        lambda actor, world: power.rest(world.etl, asleep=False, actor=actor),
        lambda actor, world: ip_trial.of(world.acme, [], actor=actor),
        lambda actor, world: provisioned.waiting(actor, world.acme),
        lambda actor, world: installation.read_organization(world.acme, actor=actor),
        lambda actor, world: installation.read_deployment(world.etl, actor=actor),
        lambda actor, world: oidc.claims(
            f"{oidc._PREFIX}{world.etl.pk}", User.objects.get(pk=actor.principal.id)
        ),
    ],
    ids=[
        "members", "Teams", "people of a Team", "invitations", "members of a Workspace",
        "Teams of a Workspace", "logs", "rest", "trial of networks", "waiting", "tenant",
        "Deployment of one", "Airflow",
    ],
)  # fmt: skip
def test_to_see_a_thing_is_not_to_see_all_that_belongs_to_it(ask: Ask, world: Any) -> None:
    nina = factories.user("nina")
    factories.holding(nina, world.acme, "organization.get")
    factories.holding(nina, world.science, "workspace.getBasic")
    actor = factories.holding(nina, world.etl, "deployment.get")

    with pytest.raises(PermissionDenied):
        ask(actor, world)


def test_the_log_is_sent_nowhere_by_who_may_not_read_it(
    acme: Organization, sink: AuditSink
) -> None:
    actor = factories.holding(
        factories.user("nina"), acme, "organization.get", "organization.update"
    )

    with pytest.raises(PermissionDenied, match="auditLogs"):
        sinks.create_sink(
            acme, kind="HTTP", name="n", target="https://logs.example.com/", actor=actor
        )
    with pytest.raises(PermissionDenied, match="auditLogs"):
        sinks.change_sink(sink, name="n", target=sink.target, is_on=True, actor=actor)


def test_a_filter_of_somebody_else_is_not_a_readers_to_remove(
    acme: Organization, audit_filter: AuditFilter
) -> None:
    actor = factories.holding(
        factories.user("nina"), acme, "organization.get", "organization.auditLogs.get"
    )

    with pytest.raises(PermissionDenied, match="update"):
        audit_filters.remove_filter(audit_filter, actor=actor)


def test_nobody_invites_to_a_role_above_their_own(acme: Organization, science: Workspace) -> None:
    nina = factories.member("nina", acme)
    actor = factories.holding(nina, science, "workspace.getBasic", "workspace.invites.create")

    with pytest.raises(ExceedsOwnRights):
        members.invite(science, email="x@example.com", role=Role.WORKSPACE_OWNER, actor=actor)


@pytest.mark.parametrize(
    "attach",
    [
        lambda world, **token: workspace_tokens_of.attach_token(
            world.science, role="WORKSPACE_MEMBER", **token
        ),
        lambda world, **token: deployment_tokens_of.attach(
            world.etl, role="DEPLOYMENT_ADMIN", **token
        ),
    ],
    ids=["workspace", "deployment"],
)
def test_a_token_of_another_organization_is_attached_nowhere(
    attach: Callable[..., Any], world: Any, olivia: User, umbrella: Organization
) -> None:
    theirs = organization_tokens.create_token(
        umbrella, name="theirs", role=Role.ORGANIZATION_MEMBER, actor=system("test")
    )

    with pytest.raises(NotFound, match="API token"):
        attach(world, token_id=theirs.pk, actor=factories.actor(olivia))


def test_a_group_rule_is_about_what_its_author_sees(acme: Organization, etl: Deployment) -> None:
    actor = factories.holding(factories.user("nina"), acme, "organization.ssoConnections.update")

    offered = group_rules.places(actor, acme)

    assert (offered["workspace"], offered["deployment"]) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_a_stream_is_for_the_person_of_its_session(
    client: Client, wanda: User, oliver: User, etl: Deployment
) -> None:
    client.force_login(oliver)
    key = client.session.session_key or ""

    assert stream._may_see(factories.actor(oliver), key, etl.pk)
    assert not stream._may_see(factories.actor(wanda), key, etl.pk)
