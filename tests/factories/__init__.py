"""Objects for tests, made straight in the database: what a test is not about stays short."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from access.actor import Actor, Origin, system
from access.roles import Role
from access.scopes import ScopeKind
from accounts.ip_ranges import parse, version
from accounts.middleware import person
from accounts.models import (
    ApiToken,
    CustomRole,
    GroupRule,
    Organization,
    OrganizationRoleBinding,
    SsoConnection,
    SsoDomain,
    Team,
    TeamMembership,
    User,
)
from accounts.services import organization_tokens, tokens
from accounts.services.ip_access import update_ip_access
from deployments.models import Cluster, Deploy, Deployment, DeploymentRoleBinding, Wish
from workspaces.models import Workspace, WorkspaceRoleBinding

_numbers = itertools.count(1)
PASSWORD = "correct-horse-battery"


def user(name: str) -> User:
    return User.objects.create_user(f"{name}@example.com", PASSWORD, full_name=name.title())


def member(name: str, organization: Organization, role: Role = Role.ORGANIZATION_MEMBER) -> User:
    made = user(name)
    OrganizationRoleBinding.objects.create(organization=organization, user=made, role=role)
    return made


def narrow(name: str, organization: Organization, *rights: str) -> User:
    """Somebody with one role of the Organization's own, which holds these rights on all of it."""
    made = user(name)
    holding(made, organization, *rights)
    return made


def grant(user: User, workspace: Workspace, role: Role) -> None:
    WorkspaceRoleBinding.objects.create(workspace=workspace, user=user, role=role)


def team(organization: Organization, *members: User, name: str = "") -> Team:
    made = Team.objects.create(organization=organization, name=name or f"team-{next(_numbers)}")
    for user in members:
        TeamMembership.objects.create(team=made, user=user)
    return made


def actor(user: User) -> Actor:
    """A fresh actor: rights are read anew."""
    return person(user, Origin(door="page", source_ip="127.0.0.1", request_id="test"))


def holding(user: User, subject: Organization | Workspace | Deployment, *rights: str) -> Actor:
    """A fresh actor for somebody who has just these rights on a thing, by a role that its
    Organization made."""
    kind = type(subject).__name__.lower()
    role = CustomRole.objects.create(
        organization=subject if isinstance(subject, Organization) else subject.organization,
        name=f"role-{next(_numbers)}",
        scope_type=kind.upper(),
        permissions=list(rights),
    )
    bindings: dict[str, Any] = {
        "organization": OrganizationRoleBinding,
        "workspace": WorkspaceRoleBinding,
        "deployment": DeploymentRoleBinding,
    }
    bindings[kind].objects.create(**{kind: subject, "user": user, "custom_role": role})
    return actor(user)


def restrict(organization: Organization, ranges: str) -> Organization:
    """The Organization, once only these networks are admitted."""
    return update_ip_access(
        organization,
        ranges=parse(ranges),
        restricts=True,
        seen=version(organization),
        actor=system("test"),
    )


def group_rule(team: Team, group: str = "data") -> GroupRule:
    return GroupRule.objects.create(
        organization=team.organization, group=group, kind="team", team=team
    )


def role_rule(workspace: Workspace, group: str, role: str) -> GroupRule:
    return GroupRule.objects.create(
        organization=workspace.organization,
        group=group,
        kind="workspace",
        place_id=workspace.pk,
        role=role,
    )


def sso_domain(organization: Organization, domain: str) -> SsoDomain:
    """A domain that is proven."""
    proven_at = datetime(2026, 1, 1, tzinfo=UTC)
    return SsoDomain.objects.create(
        organization=organization, domain=domain, proven_at=proven_at, last_checked_at=proven_at
    )


def sso_connection(domain: SsoDomain, **fields: object) -> SsoConnection:
    """An active connection by OpenID Connect, to which people of the domain are sent."""
    values: dict[str, object] = {
        "organization": domain.organization,
        "kind": "OIDC",
        "name": f"idp-{next(_numbers)}",
        "state": "ACTIVE",
        "discovery_url": "https://idp.example.com/.well-known/openid-configuration",
        "client_id": "console",
        "client_secret": "hush",
    }
    made = SsoConnection.objects.create(**(values | fields))
    domain.connection = made
    domain.save()
    return made


def memory_cluster() -> Cluster:
    return Cluster.objects.get_or_create(name="memory", defaults={"backend": "memory"})[0]


def organization_token(organization: Organization, role: Role) -> str:
    """The value of a token that holds one role on a whole Organization."""
    made = organization_tokens.create_token(
        organization, name="robot", role=role, actor=system("test")
    )
    return made.value


def deployment(workspace: Workspace, name: str = "", **fields: object) -> Deployment:
    """A settled, healthy Deployment on the memory cluster."""
    number = next(_numbers)
    values: dict[str, object] = {
        "organization": workspace.organization,
        "workspace": workspace,
        "cluster": memory_cluster(),
        "name": name or f"deployment-{number}",
        "namespace": f"calm-comet-{number:04}",
        "runtime_version": "3.3-8",
        "status": "HEALTHY",
        "wish": Wish.RUNNING,
        "is_settled": True,
        "applied_generation": 1,
    }
    return Deployment.objects.create(**(values | fields))


def deploy(deployment: Deployment, **fields: object) -> Deploy:
    """A deploy that succeeded, without files."""
    number = deployment.deploys.count() + 1
    made = Deploy(
        deployment=deployment,
        number=number,
        status=Deploy.Status.DEPLOYED,
        runtime_version=deployment.runtime_version,
        created_by_kind="USER",
        created_by_label="olivia@example.com",
    )
    made.content_version = made.pk
    for name, value in fields.items():
        setattr(made, name, value)
    made.save()
    return made


def deployment_token(deployment: Deployment, role: Role = Role.DEPLOYMENT_ADMIN) -> ApiToken:
    """The token `pipeline`; its `value` is on the answer."""
    made = tokens.issue(
        deployment.organization,
        kind=ScopeKind.DEPLOYMENT,
        scope_id=deployment.pk,
        claims=(f"deploymentId:{deployment.pk}",),
        name="pipeline",
        actor=system("test"),
    )
    DeploymentRoleBinding.objects.create(deployment=deployment, api_token=made, role=role)
    return made
