"""The addresses of `/v1`: no trailing slash, and updates are POST."""

from __future__ import annotations

from django.urls import path, re_path

from api.v1 import (
    audit_logs,
    deployments,
    deploys,
    hibernation,
    logs,
    options,
    organizations,
    users,
    views,
    workspaces,
)

_ORGANIZATION = "organizations/<str:organization_id>"
_WORKSPACE = f"{_ORGANIZATION}/workspaces/<str:workspace_id>"
_DEPLOYMENT = f"{_ORGANIZATION}/deployments/<str:deployment_id>"
_DEPLOY = f"{_DEPLOYMENT}/deploys/<str:deploy_id>"
_HIBERNATION = hibernation.HibernationOverride.as_view()

urlpatterns = [
    path("users/self", users.OwnProfile.as_view(), name="own_profile"),
    path("organizations", organizations.Organizations.as_view(), name="organizations"),
    path(_ORGANIZATION, organizations.OneOrganization.as_view(), name="organization"),
    path(f"{_ORGANIZATION}/audit-logs", audit_logs.AuditLogs.as_view(), name="audit_logs"),
    path(f"{_ORGANIZATION}/workspaces", workspaces.Workspaces.as_view(), name="workspaces"),
    path(_WORKSPACE, workspaces.OneWorkspace.as_view(), name="workspace"),
    path(f"{_ORGANIZATION}/deployment-options", options.Options.as_view(), name="options"),
    path(f"{_ORGANIZATION}/deployments", deployments.Deployments.as_view(), name="deployments"),
    path(_DEPLOYMENT, deployments.OneDeployment.as_view(), name="deployment"),
    path(f"{_DEPLOYMENT}/hibernation-override", _HIBERNATION, name="hibernation_override"),
    path(f"{_DEPLOYMENT}/logs", logs.Logs.as_view(), name="logs"),
    path(f"{_DEPLOYMENT}/deploys", deploys.Deploys.as_view(), name="deploys"),
    path(_DEPLOY, deploys.OneDeploy.as_view(), name="deploy"),
    path(f"{_DEPLOY}/finalize", deploys.FinalizeDeploy.as_view(), name="finalize"),
    path(f"{_DEPLOY}/rollback", deploys.RollBackDeploy.as_view(), name="rollback"),
    re_path(r"", views.Unknown.as_view(), name="unknown"),
]
