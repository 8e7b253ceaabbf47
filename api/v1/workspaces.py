from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import lookups
from api.v1.views import Resource, listed
from api.v1.wire.workspaces import WorkspaceJson
from workspaces import queries

_SORTS = {"name": "name", "createdAt": "created_at", "updatedAt": "updated_at"}


class Workspaces(Resource):
    def get(self, request: Request, organization_id: str) -> Response:
        organization = lookups.organization(self.actor, organization_id)
        rows = queries.workspaces(self.actor).filter(organization=organization)
        ids, names = (request.query_params.getlist(name) for name in ("workspaceIds", "names"))
        rows = rows.filter(pk__in=ids) if ids else rows
        rows = rows.filter(name__in=names) if names else rows
        shown = rows.select_related("organization", "created_by")
        return listed(request, shown, WorkspaceJson, plural="workspaces", sorts=_SORTS)


class OneWorkspace(Resource):
    def get(self, request: Request, organization_id: str, workspace_id: str) -> Response:
        found = lookups.workspace(self.actor, organization_id, workspace_id)
        return Response(WorkspaceJson(found).data)
