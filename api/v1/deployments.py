from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import lookups
from api.v1.deployment_wishes import changed, new, variables
from api.v1.described import operation
from api.v1.views import Resource, listed
from api.v1.wire.deployment_requests import CreateDeploymentRequest, UpdateDeploymentRequest
from api.v1.wire.deployments import (
    DeploymentJson,
    DeploymentsPaginated,
    DeploymentsQuery,
    context,
)
from deployments import queries, services
from deployments.models import Deployment

TAG = "Deployment"
_FILTERS = {"deploymentIds": "pk__in", "names": "name__in", "workspaceIds": "workspace_id__in"}


class _Deployments(Resource):
    def shown(self, deployment: Deployment) -> Response:
        """Read anew: the answer tells what is stored."""
        fresh = queries.deployment(self.actor, deployment.pk)
        return Response(DeploymentJson(fresh, context=context(self.actor, [fresh])).data)


class Deployments(_Deployments):
    @operation(
        "ListDeployments",
        "List the Deployments that the token may see",
        query=DeploymentsQuery,
        reply=DeploymentsPaginated,
        tag=TAG,
    )
    def get(self, request: Request, organization_id: str) -> Response:
        organization = lookups.organization(self.actor, organization_id)
        asked = self.asked(DeploymentsQuery)
        rows = queries.deployments(self.actor).filter(organization=organization)
        for name, field in _FILTERS.items():
            rows = rows.filter(**{field: asked[name]}) if name in asked else rows
        shown = rows.select_related("workspace", "cluster", "current_deploy", "created_by")
        return listed(
            shown.prefetch_related("variables"),
            DeploymentJson,
            plural="deployments",
            asked=asked,
            context=lambda rows: context(self.actor, rows),
        )

    @operation(
        "CreateDeployment",
        "Create a Deployment; it turns HEALTHY by itself",
        body=CreateDeploymentRequest,
        reply=DeploymentJson,
        tag=TAG,
    )
    def post(self, request: Request, organization_id: str) -> Response:
        organization = lookups.organization(self.actor, organization_id)
        given = self.checked(CreateDeploymentRequest)
        workspace = lookups.workspace_named(self.actor, organization_id, given["workspaceId"])
        made = services.create(workspace, wanted=new(organization, given), actor=self.actor)
        return self.shown(made)


class OneDeployment(_Deployments):
    @operation("GetDeployment", "Show a Deployment", reply=DeploymentJson, tag=TAG)
    def get(self, request: Request, **ids: str) -> Response:
        return self.shown(lookups.deployment(self.actor, **ids))

    @operation(
        "UpdateDeployment",
        "Change settings and environment variables of a Deployment",
        body=UpdateDeploymentRequest,
        reply=DeploymentJson,
        tag=TAG,
    )
    def post(self, request: Request, **ids: str) -> Response:
        found = lookups.deployment(self.actor, **ids)
        given = self.checked(UpdateDeploymentRequest)
        lookups.require_home(found, given["workspaceId"])
        saved = services.update(
            found,
            wanted=changed(found, given),
            variables=variables(given),
            actor=self.actor,
        )
        return self.shown(saved)

    @operation("DeleteDeployment", "Delete a Deployment and its tokens", tag=TAG)
    def delete(self, request: Request, **ids: str) -> Response:
        found = lookups.deployment(self.actor, **ids)
        services.delete(found, typed_name=found.name, actor=self.actor)
        return Response(status=204)
