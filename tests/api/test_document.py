"""The OpenAPI document at `/spec/v1.0`: there for everybody, complete, and true to the facts."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

# Source: openapi/v1.facts.yaml, operations; the part of tier 1 that this console has.
OPERATIONS = {
    "GetSelfUser": ("get", "/users/self"),
    "ListOrganizations": ("get", "/organizations"),
    "GetOrganization": ("get", "O"),
    "UpdateOrganization": ("post", "O"),
    "GetOrganizationAuditLogs": ("get", "O/audit-logs"),
    "ListWorkspaces": ("get", "O/workspaces"),
    "CreateWorkspace": ("post", "O/workspaces"),
    "GetWorkspace": ("get", "O/workspaces/{workspaceId}"),
    "UpdateWorkspace": ("post", "O/workspaces/{workspaceId}"),
    "DeleteWorkspace": ("delete", "O/workspaces/{workspaceId}"),
    "GetDeploymentOptions": ("get", "O/deployment-options"),
    "ListDeployments": ("get", "O/deployments"),
    "CreateDeployment": ("post", "O/deployments"),
    "GetDeployment": ("get", "D"),
    "UpdateDeployment": ("post", "D"),
    "DeleteDeployment": ("delete", "D"),
    "UpdateDeploymentHibernationOverride": ("post", "D/hibernation-override"),
    "DeleteDeploymentHibernationOverride": ("delete", "D/hibernation-override"),
    "GetDeploymentLogs": ("get", "D/logs"),
    "ListDeploys": ("get", "D/deploys"),
    "CreateDeploy": ("post", "D/deploys"),
    "GetDeploy": ("get", "D/deploys/{deployId}"),
    "UpdateDeploy": ("post", "D/deploys/{deployId}"),
    "FinalizeDeploy": ("post", "D/deploys/{deployId}/finalize"),
    "DeployRollback": ("post", "D/deploys/{deployId}/rollback"),
}
SHORT = {
    "D": "/organizations/{organizationId}/deployments/{deploymentId}",
    "O": "/organizations/{organizationId}",
}
# Source: the same, schemas: the fields marked "!".
REQUIRED = {
    "Organization": {
        "allowEnhancedSupportAccess", "createdAt", "createdBy", "hasAllowedIpAddressRanges", "id",
        "isBlockedEnableAiFeatures", "isScimEnabled", "name", "productPlans",
        "shouldEnforceDedicatedClusters", "updatedAt", "updatedBy",
    },
    "Workspace": {"cicdEnforcedDefault", "createdAt", "id", "name", "organizationId", "updatedAt"},
    "SelfUser": {"avatarUrl", "createdAt", "fullName", "id", "status", "updatedAt", "username"},
    "Deploy": {
        "createdAt", "deploymentId", "id", "imageRepository", "imageTag", "isDagDeployEnabled",
        "status", "type",
    },
    "DeploymentOptions": {
        "executors", "resourceQuotas", "runtimeReleases", "schedulerMachines", "workerMachines",
        "workerQueues",
    },
    "RuntimeRelease": {
        "airflowDatabaseMigration", "airflowVersion", "channel", "releaseDate",
        "stellarDatabaseMigration", "version",
    },
    "DeploymentLog": {"limit", "maxNumResults", "offset", "resultCount", "results", "searchId"},
    "DeploymentLogEntry": {"raw", "source", "timestamp"},
    "WorkerQueue": {
        "id", "isDefault", "maxWorkerCount", "minWorkerCount", "name", "podCpu", "podMemory",
        "workerConcurrency",
    },
    "UpdateDeploymentRequest": {
        "environmentVariables", "executor", "isCicdEnforced", "isDagDeployEnabled",
        "isHighAvailability", "name", "schedulerSize", "type", "workspaceId",
    },
    "CreateDeploymentRequest": {"name", "workspaceId"},
    "UpdateWorkspaceRequest": {"cicdEnforcedDefault", "description", "name"},
    "CreateDeployRequest": {"type"},
    "Error": {"message", "requestId", "statusCode"},
}  # fmt: skip


@pytest.fixture
def document() -> Any:
    answer = Client().get("/spec/v1.0")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    return answer.json()


def test_every_operation_stands_there_under_its_published_name(document: Any) -> None:
    found = {
        operation["operationId"]: (method, path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert found == {
        name: (method, SHORT.get(path[0], path[0]) + path[1:])
        for name, (method, path) in OPERATIONS.items()
    }


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_what_clients_count_on_is_promised(document: Any, name: str) -> None:
    assert REQUIRED[name] <= set(document["components"]["schemas"][name]["required"])


def test_bodies_admit_no_other_fields(document: Any) -> None:
    schemas = document["components"]["schemas"]
    requests = [name for name in schemas if name.endswith(("Request", "Body"))]
    assert len(requests) > 10
    assert all(schemas[name]["additionalProperties"] is False for name in requests)


def test_it_tells_how_to_sign_in_and_where(document: Any) -> None:
    assert document["openapi"].startswith("3.0")
    assert document["servers"] == [{"url": "http://localhost:8000/v1"}]
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["security"] == [{"bearer": []}]
            assert {"401", "403", "404"} <= operation["responses"].keys()


def test_it_holds_no_secret(document: Any) -> None:
    words = str(document)
    assert settings.SECRET_KEY not in words
    assert "sig=" not in words
