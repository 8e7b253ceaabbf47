"""The known cast: olivia owns Acme, wanda is author and oliver operator of its Workspace, mia a
mere member of the Organization, bill its billing admin; oscar owns another Organization. opal
runs the installation and is in none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django.fixtures import Settings

from access.actor import system
from access.roles import Role
from accounts.models import (
    ApiToken,
    AuditFilter,
    AuditSink,
    CustomRole,
    GroupRule,
    Invitation,
    Organization,
    OrganizationRoleBinding,
    SsoConnection,
    SsoDomain,
    Team,
    User,
)
from accounts.services import organization_tokens
from deployments.models import Deploy, Deployment, DeploymentRoleBinding
from tests import factories
from workspaces.models import Workspace, WorkspaceRoleBinding
from workspaces.services import tokens as workspace_tokens


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    """Pages name static files without the manifest that only an installation has; passwords are
    hashed without the cost that makes them safe."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.DNS_SERVERS = ["127.0.0.1:9"]  # nobody's: no test asks the internet


def pytest_configure() -> None:
    """Hashing the cast's passwords properly would take most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # The same examples on every run of the same code: a landing must not depend on chance
    hypothesis.settings.register_profile("ci", derandomize=True)
    if os.environ.get("CI"):
        hypothesis.settings.load_profile("ci")
    DatabaseOperations.sql_flush = _flushed  # type: ignore[method-assign, assignment]


_flush = DatabaseOperations.sql_flush


def _flushed(
    self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any
) -> list[str]:
    """Empty all tables after a test with transactions: the audit log's too, which refuse it."""
    emptied = _flush(self, style, tables, **options)
    return [*_refusals("DISABLE"), *emptied, *_refusals("ENABLE ALWAYS")]


def _refusals(verb: str) -> list[str]:
    tables = ("audit_auditrecord", "audit_seal", "audit_checkpoint")
    return [f"ALTER TABLE {table} {verb} TRIGGER audit_append_only" for table in tables]


@pytest.fixture
def acme(db: None) -> Organization:
    return Organization.objects.create(name="Acme")


@pytest.fixture
def umbrella(db: None) -> Organization:
    return Organization.objects.create(name="Umbrella")


@pytest.fixture
def science(acme: Organization) -> Workspace:
    return Workspace.objects.create(organization=acme, name="Data Science")


@pytest.fixture
def lab(umbrella: Organization) -> Workspace:
    return Workspace.objects.create(organization=umbrella, name="Lab")


@pytest.fixture
def olivia(acme: Organization) -> User:
    return factories.member("olivia", acme, Role.ORGANIZATION_OWNER)


@pytest.fixture
def bill(acme: Organization) -> User:
    return factories.member("bill", acme, Role.ORGANIZATION_BILLING_ADMIN)


@pytest.fixture
def mia(acme: Organization) -> User:
    return factories.member("mia", acme)


@pytest.fixture
def wanda(acme: Organization, science: Workspace) -> User:
    made = factories.member("wanda", acme)
    factories.grant(made, science, Role.WORKSPACE_AUTHOR)
    return made


@pytest.fixture
def oliver(acme: Organization, science: Workspace) -> User:
    made = factories.member("oliver", acme)
    factories.grant(made, science, Role.WORKSPACE_OPERATOR)
    return made


@pytest.fixture
def oscar(umbrella: Organization, lab: Workspace) -> User:
    return factories.member("oscar", umbrella, Role.ORGANIZATION_OWNER)


@pytest.fixture
def opal(db: None) -> User:
    made = factories.user("opal")
    made.is_operator = True
    made.save()
    return made


@pytest.fixture
def etl(science: Workspace) -> Deployment:
    return factories.deployment(science, "prod-etl")


@pytest.fixture
def secret_lab(lab: Workspace) -> Deployment:
    return factories.deployment(lab, "secret-lab")


@pytest.fixture
def crew(acme: Organization, wanda: User, etl: Deployment) -> Team:
    """A Team of Acme with wanda in it, which may author in Data Science and opens prod-etl."""
    made = factories.team(acme, wanda, name="Crew")
    OrganizationRoleBinding.objects.create(
        organization=acme, team=made, role=Role.ORGANIZATION_MEMBER
    )
    WorkspaceRoleBinding.objects.create(
        workspace=etl.workspace, team=made, role=Role.WORKSPACE_AUTHOR
    )
    DeploymentRoleBinding.objects.create(deployment=etl, team=made, role=Role.DEPLOYMENT_ACCESSOR)
    return made


@pytest.fixture
def invitation(acme: Organization) -> Invitation:
    """An open invitation of nina@example.com to Acme; nobody has its link."""
    return Invitation.objects.create(organization=acme, email="nina@example.com")


@pytest.fixture
def custom_role(acme: Organization) -> CustomRole:
    """The role `Night shift` of Acme, for Workspaces; nobody has it."""
    return CustomRole.objects.create(
        organization=acme,
        name="Night shift",
        scope_type="WORKSPACE",
        permissions=["workspace.update"],
    )


@pytest.fixture
def shipped(etl: Deployment) -> Deploy:
    """A deploy of prod-etl that was made long ago; its files are gone from the disk."""
    return factories.deploy(etl)


@pytest.fixture
def pipeline_token(etl: Deployment) -> ApiToken:
    return factories.deployment_token(etl)


@pytest.fixture
def number() -> SimpleNamespace:
    """Of a row that nobody has."""
    return SimpleNamespace(pk=4711)


@pytest.fixture
def team_token(science: Workspace) -> ApiToken:
    return workspace_tokens.create_token(
        science, name="pipeline", role=Role.WORKSPACE_MEMBER, actor=system("test")
    )


@pytest.fixture
def robot_token(acme: Organization) -> ApiToken:
    return organization_tokens.create_token(
        acme, name="pipeline", role=Role.ORGANIZATION_MEMBER, actor=system("test")
    )


@pytest.fixture
def audit_filter(acme: Organization, olivia: User) -> AuditFilter:
    narrowing = "outcome=REFUSED"
    return AuditFilter.objects.create(
        organization=acme, owner=olivia, name="Refusals", narrowing=narrowing
    )


@pytest.fixture
def foreign_audit_filter(umbrella: Organization, oscar: User) -> AuditFilter:
    return AuditFilter.objects.create(
        organization=umbrella, owner=oscar, name="All", narrowing="q=a", is_shared=True
    )


@pytest.fixture
def sink(acme: Organization) -> AuditSink:
    target = "https://logs.example.com/"
    return AuditSink.objects.create(organization=acme, name="s", kind="HTTP", target=target)


@pytest.fixture
def foreign_sink(umbrella: Organization) -> AuditSink:
    target = "https://logs.example.com/"
    return AuditSink.objects.create(organization=umbrella, name="s", kind="HTTP", target=target)


@pytest.fixture
def sink_kind() -> SimpleNamespace:
    return SimpleNamespace(pk="HTTP")


@pytest.fixture
def acme_domain(acme: Organization) -> SsoDomain:
    """example.com, proven for Acme; the whole cast has addresses in it."""
    return factories.sso_domain(acme, "example.com")


@pytest.fixture
def sso(acme_domain: SsoDomain) -> SsoConnection:
    """Acme's active identity provider, which nobody has to use."""
    return factories.sso_connection(acme_domain)


@pytest.fixture
def foreign_domain(umbrella: Organization) -> SsoDomain:
    return factories.sso_domain(umbrella, "umbrella.example")


@pytest.fixture
def foreign_sso(foreign_domain: SsoDomain) -> SsoConnection:
    return factories.sso_connection(foreign_domain)


@pytest.fixture
def sso_kind() -> SimpleNamespace:
    return SimpleNamespace(pk="OIDC")


@pytest.fixture
def sso_key(sso: SsoConnection) -> SimpleNamespace:
    """What stands in the connection's own addresses."""
    return SimpleNamespace(pk=sso.key)


@pytest.fixture
def saml_key(acme_domain: SsoDomain) -> SimpleNamespace:
    """Of Acme's active connection by SAML."""
    return SimpleNamespace(pk=factories.sso_connection(acme_domain, kind="SAML").key)


@pytest.fixture
def group_rule(crew: Team) -> GroupRule:
    """Who is in the group `data` at Acme's identity provider is in the Crew."""
    return factories.group_rule(crew)


@pytest.fixture
def foreign_group_rule(umbrella: Organization) -> GroupRule:
    return factories.group_rule(factories.team(umbrella))


@pytest.fixture
def airflow_dag() -> SimpleNamespace:
    """Names inside an Airflow, as the route matrix fills them into addresses."""
    return SimpleNamespace(pk="sales")


@pytest.fixture
def airflow_run() -> SimpleNamespace:
    return SimpleNamespace(pk="r1")


@pytest.fixture
def airflow_task() -> SimpleNamespace:
    return SimpleNamespace(pk="load")
