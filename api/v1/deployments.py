from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import lookups
from api.v1.views import Resource, listed
from api.v1.wire.deployments import DeploymentJson, context
from deployments import queries

_SORTS = {"name": "name", "createdAt": "created_at", "updatedAt": "updated_at"}
_FILTERS = {"deploymentIds": "pk__in", "names": "name__in", "workspaceIds": "workspace_id__in"}


class Deployments(Resource):
    def get(self, request: Request, organization_id: str) -> Response:
        organization = lookups.organization(self.actor, organization_id)
        rows = queries.deployments(self.actor).filter(organization=organization)
        for name, field in _FILTERS.items():
            values = request.query_params.getlist(name)
            rows = rows.filter(**{field: values}) if values else rows
        shown = rows.select_related("workspace", "cluster", "current_deploy", "created_by")
        return listed(
            request,
            shown.prefetch_related("variables"),
            DeploymentJson,
            plural="deployments",
            sorts=_SORTS,
            context=lambda rows: context(self.actor, rows),
        )


class OneDeployment(Resource):
    def get(self, request: Request, organization_id: str, deployment_id: str) -> Response:
        found = lookups.deployment(self.actor, organization_id, deployment_id)
        return Response(DeploymentJson(found, context=context(self.actor, [found])).data)
