"""An Organization with believable data, for looking at and for measuring."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from access.roles import Role
from accounts.models import Organization, OrganizationRoleBinding, User
from deployments.lifecycle import Status
from deployments.models import Cluster, Deploy, Deployment, Operation, StatusChange, Wish
from deployments.services.create import new_namespace
from workspaces.models import Workspace, WorkspaceRoleBinding

PEOPLE = (
    "Olivia Bennett", "Wanda Kowalski", "Oliver Stone", "Mia Rossi", "Bill Tan", "Noah Okafor",
    "Ada Lindqvist", "Theo Marchetti", "Priya Raman", "Jonas Weber", "Lucía Romero", "Kenji Mori",
)  # fmt: skip
TEAMS = ("Data Platform", "Growth Analytics", "Finance Reporting", "Machine Learning", "Logistics")
SUBJECTS = (
    "orders", "billing", "churn", "forecast", "inventory", "payments", "sessions", "pricing",
    "attribution", "ledger", "shipments", "features", "fraud", "catalogue", "payroll",
)  # fmt: skip
STAGES = ("prod", "staging", "dev")
CHANGES = (
    "Fix the partition filter", "Backfill the last quarter", "Raise retries to 3",
    "Add a freshness check", "Move to the new warehouse", "Split the nightly load",
)  # fmt: skip
RUNTIMES = ("3.3-8", "3.3-8", "3.3-8", "3.2-10", "3.1-21", "13.11.0")
_STATUSES = (
    *[Status.HEALTHY] * 7, Status.HIBERNATING, Status.HIBERNATING, Status.UNHEALTHY,
)  # fmt: skip


_PRETENCE = {
    Status.HEALTHY: "running",
    Status.HIBERNATING: "stopped",
    Status.UNHEALTHY: "degraded",
}


@dataclass(frozen=True)
class Demo:
    organization: Organization
    owner: User
    deployments: int


@transaction.atomic
def fill(*, deployments: int, password: str, seed: int = 1) -> Demo:
    """Make an Organization with people, Workspaces, Deployments and their history.

    The Deployments lie on a cluster where nothing real runs. The same seed makes the same data,
    ids apart. Every person signs in as `<first name>@demo.example` with `password`.
    """
    chance = random.Random(seed)  # noqa: S311
    organization = Organization.objects.create(name="Northwind Analytics")
    people = [_person(name, password) for name in PEOPLE]
    roles = [Role.ORGANIZATION_OWNER, *[Role.ORGANIZATION_MEMBER] * (len(people) - 1)]
    OrganizationRoleBinding.objects.bulk_create(
        OrganizationRoleBinding(organization=organization, user=person, role=role)
        for person, role in zip(people, roles, strict=True)
    )
    workspaces = [_workspace(organization, name, people, chance) for name in TEAMS]
    cluster, _ = Cluster.objects.get_or_create(
        name="demonstration", defaults={"backend": Cluster.Backend.MEMORY}
    )
    made = Deployment.objects.bulk_create(
        _deployment(number, namespace, chance.choice(workspaces), cluster, chance)
        for number, namespace in enumerate(_namespaces(deployments))
    )
    _history(made, people, chance)
    return Demo(organization, people[0], len(made))


def _person(name: str, password: str) -> User:
    email = f"{name.split()[0].lower()}@demo.example"
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, password, full_name=name)


def _workspace(
    organization: Organization, name: str, people: list[User], chance: random.Random
) -> Workspace:
    workspace = Workspace.objects.create(
        organization=organization, name=name, description=f"Pipelines of {name}"
    )
    choices = (Role.WORKSPACE_OPERATOR, Role.WORKSPACE_AUTHOR, Role.WORKSPACE_MEMBER)
    WorkspaceRoleBinding.objects.bulk_create(
        WorkspaceRoleBinding(workspace=workspace, user=person, role=chance.choice(choices))
        for person in chance.sample(people[1:], 6)
    )
    return workspace


def _namespaces(count: int) -> set[str]:
    """Free ones, and no two alike: among thousands drawn at random some would be."""
    found: set[str] = set()
    while len(found) < count:
        found.add(new_namespace())
    return found


def _deployment(
    number: int, namespace: str, workspace: Workspace, cluster: Cluster, chance: random.Random
) -> Deployment:
    status = chance.choice(_STATUSES)
    stage = chance.choice(STAGES)
    return Deployment(
        organization_id=workspace.organization_id,
        workspace=workspace,
        cluster=cluster,
        name=f"{stage}-{chance.choice(SUBJECTS)}-{number + 1}",
        description=f"{stage.title()} pipelines",
        namespace=namespace,
        runtime_version=chance.choice(RUNTIMES),
        executor=chance.choice(Deployment.Executor.values),
        is_development_mode=stage == "dev",
        status=status,
        status_reason="scheduler: not running" if status is Status.UNHEALTHY else "",
        wish=Wish.STOPPED if status is Status.HIBERNATING else Wish.RUNNING,
        is_settled=True,
        healthy_at=timezone.now(),
        backend_state={"pretends": _PRETENCE[status]},
    )


def _history(made: list[Deployment], people: list[User], chance: random.Random) -> None:
    deploys: list[Deploy] = []
    changes: list[StatusChange] = []
    operations: list[Operation] = []
    now = timezone.now()
    for deployment in made:
        changes.append(
            StatusChange(
                deployment=deployment,
                origin=Status.CREATING,
                target=deployment.status,
                trigger="became_healthy",
            )
        )
        for number in range(1, chance.randint(2, 9)):
            author = chance.choice(people)
            at = now - timedelta(hours=chance.randint(1, 2000))
            deploys.append(_deploy(deployment, number, author, chance, at))
            operations.append(_operation(deployment, author, at))
    Deploy.objects.bulk_create(deploys, batch_size=2000)
    StatusChange.objects.bulk_create(changes, batch_size=2000)
    Operation.objects.bulk_create(operations, batch_size=2000)
    newest = {deploy.deployment_id: deploy for deploy in deploys}
    for deployment in made:
        deployment.current_deploy = newest.get(deployment.pk)
        deployment.active_deploy_id = newest[deployment.pk].pk if deployment.pk in newest else ""
    Deployment.objects.bulk_update(made, ["current_deploy", "active_deploy_id"], batch_size=1000)


def _deploy(
    deployment: Deployment, number: int, author: User, chance: random.Random, at: datetime
) -> Deploy:
    return Deploy(
        deployment=deployment,
        number=number,
        status=Deploy.Status.DEPLOYED,
        description=chance.choice(CHANGES),
        runtime_version=deployment.runtime_version,
        size_bytes=chance.randint(2_000, 400_000),
        sha256=f"{chance.getrandbits(256):064x}",
        file_count=chance.randint(3, 60),
        created_by_kind="USER",
        created_by_id=author.pk,
        created_by_label=author.email,
        finalized_at=at,
        active_at=at,
        visible_at=at,
    )


def _operation(deployment: Deployment, author: User, at: datetime) -> Operation:
    return Operation(
        organization_id=deployment.organization_id,
        deployment=deployment,
        kind=Operation.Kind.DEPLOY,
        generation=1,
        status=Operation.Status.SUCCEEDED,
        started_by_kind="USER",
        started_by_id=author.pk,
        started_by_label=author.email,
        finished_at=at,
        deadline=at,
    )
