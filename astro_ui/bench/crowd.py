"""A large tenant, straight in the database: 20,000 people, 500 Workspaces, 1,000 Teams, 1,000,000
audit rows; and a small one, beside which its pages are measured."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from access.ids import cuid
from access.roles import Role
from access.scopes import ScopeKind
from accounts.models import (
    ApiToken,
    CustomRole,
    Organization,
    OrganizationRoleBinding,
    Team,
    TeamMembership,
    User,
)
from workspaces.models import Workspace, WorkspaceRoleBinding

PEOPLE, WORKSPACES, TEAMS, TOKENS, AUDIT_ROWS = 20_000, 500, 1_000, 2_000, 1_000_000
IN_TEAM, IN_TEAMS = 20, 50
_BATCH = 2_000

_AUDIT = """
    INSERT INTO audit_auditrecord (at, organization_id, workspace_id, deployment_id, actor_kind,
        actor_id, actor_label, action, target_type, target_id, target_label, outcome, before,
        after, door, source_ip, user_agent, request_id)
    SELECT now() - (%s - n) * interval '1 second', %s, '', '', 'USER', %s, 'olivia@example.com',
        'deployments.update', 'Deployment', 'cdeployment00000000000001', 'prod-etl-' || n, 'DONE',
        '{"scheduler_cpu": 500}', '{"scheduler_cpu": 1000}', 'page', '192.0.2.7', 'Mozilla/5.0',
        md5(n::text)
    FROM generate_series(1, %s) AS n
"""


@dataclass(frozen=True)
class Crowd:
    organization: Organization
    owner: User
    busy: User
    """In 50 Teams and with a role in each of 500 Workspaces; may read tokens and the audit log."""
    workspace: Workspace


def large() -> Crowd:
    return _fill(PEOPLE, WORKSPACES, TEAMS, TOKENS, AUDIT_ROWS, known=None)


def small(crowd: Crowd) -> Crowd:
    """Two rows of each, for the same two people."""
    return _fill(2, 1, 2, 2, 2, known=(crowd.owner, crowd.busy))


def _fill(
    people: int,
    workspaces: int,
    teams: int,
    tokens: int,
    audit_rows: int,
    *,
    known: tuple[User, User] | None,
) -> Crowd:
    home = Organization.objects.create(name=f"Crowd {people}")
    users = _people(home, people, known)
    owner, busy = users[:2]
    auditor = CustomRole.objects.create(
        organization=home,
        scope_type="ORGANIZATION",
        name="Auditor",
        permissions=[
            "organization.apiTokens.get", "organization.auditLogs.get",
            "organization.users.get", "organization.teams.get",
        ],
    )  # fmt: skip
    rows = OrganizationRoleBinding.objects.filter(organization=home)
    rows.filter(user=owner).update(role=Role.ORGANIZATION_OWNER)
    rows.filter(user=busy).update(role="", custom_role=auditor)
    made = _workspaces(home, workspaces, users)
    _teams(home, teams, users, made)
    _tokens(home, tokens)
    _audit(home, owner, audit_rows)
    return Crowd(home, owner, busy, made[0])


def _people(home: Organization, count: int, known: tuple[User, User] | None) -> list[User]:
    fresh = count - len(known or ())
    found = [
        *(known or ()),
        *User.objects.bulk_create(
            (
                User(email=f"person-{number:05}@bench.example", full_name=f"Person {number:05}")
                for number in range(fresh)
            ),
            _BATCH,
        ),
    ]
    OrganizationRoleBinding.objects.bulk_create(
        (
            OrganizationRoleBinding(organization=home, user=each, role=Role.ORGANIZATION_MEMBER)
            for each in found
        ),
        _BATCH,
    )
    return found


def _workspaces(home: Organization, count: int, users: list[User]) -> list[Workspace]:
    """Each with its share of the people, and the busy one in all."""
    made = Workspace.objects.bulk_create(
        Workspace(organization=home, name=f"Workspace {number:03}") for number in range(count)
    )
    share = len(users) // count
    WorkspaceRoleBinding.objects.bulk_create(
        (
            WorkspaceRoleBinding(workspace=place, user=each, role=Role.WORKSPACE_MEMBER)
            for number, place in enumerate(made)
            for each in {users[1], *users[number * share + 2 : (number + 1) * share]}
        ),
        _BATCH,
    )
    return made


def _teams(home: Organization, count: int, users: list[User], workspaces: list[Workspace]) -> None:
    made = Team.objects.bulk_create(
        Team(organization=home, name=f"Team {number:04}") for number in range(count)
    )
    TeamMembership.objects.bulk_create(
        (
            TeamMembership(team=team, user=each)
            for number, team in enumerate(made)
            for each in {
                *users[number * IN_TEAM % len(users) :][:IN_TEAM],
                *([users[1]] if number < IN_TEAMS else []),
            }
        ),
        _BATCH,
    )
    OrganizationRoleBinding.objects.bulk_create(
        OrganizationRoleBinding(organization=home, team=team, role=Role.ORGANIZATION_MEMBER)
        for team in made
    )
    WorkspaceRoleBinding.objects.bulk_create(
        WorkspaceRoleBinding(
            workspace=workspaces[number % len(workspaces)], team=team, role=Role.WORKSPACE_AUTHOR
        )
        for number, team in enumerate(made)
    )


def _tokens(home: Organization, count: int) -> None:
    made = ApiToken.objects.bulk_create(
        ApiToken(
            organization=home,
            kind=ScopeKind.ORGANIZATION.value.upper(),
            scope_id=home.pk,
            name=f"pipeline-{number:04}",
            prefix="eyJhbGciOi",
            value_hash=cuid(),
        )
        for number in range(count)
    )
    OrganizationRoleBinding.objects.bulk_create(
        OrganizationRoleBinding(organization=home, api_token=each, role=Role.ORGANIZATION_MEMBER)
        for each in made
    )


def _audit(home: Organization, owner: User, count: int) -> None:
    """Past the queue of what is to be sealed, which is measured elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditrecord DISABLE TRIGGER audit_wait")
        cursor.execute(_AUDIT, [count, home.pk, owner.pk, count])
        cursor.execute("ALTER TABLE audit_auditrecord ENABLE ALWAYS TRIGGER audit_wait")
