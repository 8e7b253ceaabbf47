"""API tokens: what their value says, and when it ends."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from access.actor import Origin, system
from access.roles import Role
from access.scopes import ScopeKind
from accounts.models import ApiToken, Organization, User
from accounts.services import bearers, organization_tokens, tokens
from deployments import services
from deployments.models import Deployment
from tests import factories
from tests.api.conftest import Api
from web.errors import Conflict
from workspaces import services as workspaces
from workspaces.models import Workspace, WorkspaceRoleBinding

pytestmark = pytest.mark.django_db


def claims(value: str) -> Any:
    """As clients read them: without checking the signature."""
    middle = value.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def workspace_token(workspace: Workspace) -> ApiToken:
    made = tokens.issue(
        workspace.organization,
        kind=ScopeKind.WORKSPACE,
        scope_id=workspace.pk,
        claims=(f"workspaceId:{workspace.pk}", f"organizationId:{workspace.organization_id}"),
        name="team",
        actor=system("test"),
    )
    WorkspaceRoleBinding.objects.create(
        workspace=workspace, api_token=made, role=Role.WORKSPACE_OWNER
    )
    return made


def test_the_claims_are_those_that_the_cli_reads(token: str, etl: Deployment) -> None:
    """Source: astro-api.md section 2: `permissions`, each with a colon, `apiTokenId`, `exp`."""
    said = claims(token)
    assert said["permissions"] == [
        f"deploymentId:{etl.pk}",
        f"workspaceId:{etl.workspace_id}",
        f"organizationId:{etl.organization_id}",
    ]
    assert said["apiTokenId"] == ApiToken.objects.get().pk
    assert said["exp"] > said["iat"], "there even without an end: the CLI reads it unasked"


def test_the_end_of_a_token_is_in_its_claims(acme: Organization) -> None:
    made = organization_tokens.create_token(
        acme,
        name="short",
        role=Role.ORGANIZATION_MEMBER,
        lifetime=timedelta(days=1),
        actor=system("test"),
    )
    said = claims(made.value)
    assert said["exp"] - said["iat"] == pytest.approx(86_400, abs=2)


def test_a_token_outlives_a_clock_that_is_set_back(
    acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Source: RFC 7519, section 4.1.6: `iat` says how old a token is, not whether it counts."""
    ahead = timezone.now() + timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: ahead)
        made = organization_tokens.create_token(
            acme, name="early", role=Role.ORGANIZATION_MEMBER, actor=system("test")
        )

    assert claims(made.value)["iat"] > timezone.now().timestamp()
    assert bearers.identify(made.value, Origin()).name == "early"


def test_rights_come_from_the_database_whatever_the_claims_say(
    acme: Organization, science: Workspace
) -> None:
    made = workspace_token(science)
    WorkspaceRoleBinding.objects.all().delete()
    assert Api(made.value).get(f"organizations/{acme.pk}").status_code == 200
    assert (
        Api(made.value).get(f"organizations/{acme.pk}/workspaces/{science.pk}").status_code == 404
    )


def test_the_tokens_of_a_deleted_deployment_are_void(
    api: Api, etl: Deployment, olivia: User
) -> None:
    services.delete(etl, typed_name=etl.name, actor=factories.actor(olivia))
    assert ApiToken.objects.get().revoked_at is not None
    assert api.get("organizations").status_code == 401


def test_a_deletion_that_is_refused_revokes_nothing(
    api: Api, etl: Deployment, olivia: User
) -> None:
    Deployment.objects.filter(pk=etl.pk).update(status="DELETED")
    with pytest.raises(Conflict), transaction.atomic():
        services.delete(etl, typed_name=etl.name, actor=factories.actor(olivia))
    assert ApiToken.objects.get().revoked_at is None


def test_the_tokens_of_a_deleted_workspace_are_void(science: Workspace, olivia: User) -> None:
    api = Api(workspace_token(science).value)
    assert api.get("organizations").status_code == 200
    workspaces.delete(science, typed_name=science.name, actor=factories.actor(olivia))
    assert api.get("organizations").status_code == 401


def test_tokens_of_others_live_on(
    api: Api, science: Workspace, acme: Organization, olivia: User
) -> None:
    empty = workspaces.create(acme, name="Empty", actor=factories.actor(olivia))
    workspaces.delete(empty, typed_name="Empty", actor=factories.actor(olivia))
    assert api.get("organizations").status_code == 200
