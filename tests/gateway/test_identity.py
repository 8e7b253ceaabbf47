"""Which role and rights an Airflow hears of. Expectations: the published tables 5.3 and 5.4."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

from access.actor import system
from access.roles import Role
from accounts.models import CustomRole, Organization, User
from deployments import identity
from deployments.models import Deployment, DeploymentRoleBinding
from tests import factories
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.WORKSPACE_ACCESSOR, None),
        (Role.WORKSPACE_MEMBER, "Viewer"),
        (Role.WORKSPACE_AUTHOR, "User"),
        (Role.WORKSPACE_OPERATOR, "Op"),
        (Role.WORKSPACE_OWNER, "Admin"),
    ],
)
def test_a_workspace_role_becomes_an_airflow_role(
    mia: User, science: Workspace, etl: Deployment, role: Role, expected: str | None
) -> None:
    factories.grant(mia, science, role)

    assert identity.airflow_role(factories.actor(mia), etl) == expected


@pytest.mark.parametrize(
    ("role", "expected"), [(Role.DEPLOYMENT_ADMIN, "Op"), (Role.DEPLOYMENT_ACCESSOR, None)]
)
def test_a_deployment_role_becomes_an_airflow_role(
    mia: User, etl: Deployment, role: Role, expected: str | None
) -> None:
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, role=role)

    assert identity.airflow_role(factories.actor(mia), etl) == expected


def test_the_highest_role_wins(mia: User, science: Workspace, etl: Deployment) -> None:
    factories.grant(mia, science, Role.WORKSPACE_MEMBER)
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, role=Role.DEPLOYMENT_ADMIN)

    assert identity.airflow_role(factories.actor(mia), etl) == "Op"


def test_a_role_of_the_organization_is_exactly_its_permissions(
    mia: User, acme: Organization, science: Workspace, etl: Deployment
) -> None:
    made = CustomRole.objects.create(
        organization=acme,
        name="Runner",
        scope_type="DEPLOYMENT",
        permissions=["deployment.airflow.website.get", "deployment.airflow.dagRun.create"],
    )
    DeploymentRoleBinding.objects.create(deployment=etl, user=mia, custom_role=made)

    actor = factories.actor(mia)
    assert identity.airflow_role(actor, etl) == "Custom"
    assert identity.airflow_permissions(actor, etl) == ["dagRun.create", "website.get"]

    factories.grant(mia, science, Role.WORKSPACE_MEMBER)
    actor = factories.actor(mia)
    assert identity.airflow_role(actor, etl) == "Viewer"
    assert {"dagRun.create", "dag.get"} <= set(identity.airflow_permissions(actor, etl))

    made.permissions = ["deployment.airflow.dagRun.create"]
    made.save()
    WorkspaceRoleBinding.objects.all().delete()
    assert identity.airflow_role(factories.actor(mia), etl) is None


def test_an_owner_of_the_organization_is_admin_and_its_mere_people_are_nobody(
    olivia: User, bill: User, mia: User, oscar: User, etl: Deployment
) -> None:
    roles = [identity.airflow_role(factories.actor(one), etl) for one in (olivia, bill, mia, oscar)]

    assert roles == ["Admin", None, None, None]


def test_rights_travel_without_their_prefix(mia: User, science: Workspace, etl: Deployment) -> None:
    factories.grant(mia, science, Role.WORKSPACE_MEMBER)
    member = identity.airflow_permissions(factories.actor(mia), etl)
    WorkspaceRoleBinding.objects.filter(user=mia).update(role=Role.WORKSPACE_AUTHOR)
    author = identity.airflow_permissions(factories.actor(mia), etl)

    assert "dag.get" in member
    assert "dagRun.create" not in member
    assert "connection.get" not in member
    assert {"dagRun.create", "connection.get", "variable.get"} <= set(author)
    assert "variable.update" not in author
    assert not any(right.startswith("deployment.") for right in author)


def test_a_token_is_for_one_deployment_and_a_minute(etl: Deployment) -> None:
    token = identity.console_identity(etl)
    claims = jwt.decode(token, settings.IDENTITY_PUBLIC_KEY, algorithms=["EdDSA"], audience=etl.pk)

    assert claims["iss"] == settings.BASE_URL
    assert (claims["sub"], claims["role"]) == ("console", "Admin")
    assert claims["exp"] - claims["iat"] == 60
    assert "variable.delete" in claims["permissions"]
    with pytest.raises(ValueError, match="60 s"):
        identity.sign(
            etl, sub="x", email="", name="", role="Op", permissions=(), lifetime=timedelta(hours=1)
        )


def test_the_console_itself_may_everything(etl: Deployment) -> None:
    assert identity.airflow_role(system("reconciler"), etl) == "Admin"


def test_only_an_ed25519_key_signs() -> None:
    other = Ed448PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(TypeError, match="Ed25519"):
        identity._private_key(other.decode())
