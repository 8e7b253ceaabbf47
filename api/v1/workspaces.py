from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import lookups
from api.v1.described import operation
from api.v1.views import Resource, listed
from api.v1.wire.workspaces import (
    CreateWorkspaceRequest,
    UpdateWorkspaceRequest,
    WorkspaceJson,
    WorkspacesPaginated,
    WorkspacesQuery,
)
from workspaces import queries, services

_TAG = "Workspace"


class Workspaces(Resource):
    @operation(
        "ListWorkspaces",
        "List the Workspaces that the token may see",
        query=WorkspacesQuery,
        reply=WorkspacesPaginated,
        tag=_TAG,
    )
    def get(self, request: Request, organization_id: str) -> Response:
        organization = lookups.organization(self.actor, organization_id)
        asked = self.asked(WorkspacesQuery)
        rows = queries.workspaces(self.actor).filter(organization=organization)
        rows = rows.filter(pk__in=asked["workspaceIds"]) if "workspaceIds" in asked else rows
        rows = rows.filter(name__in=asked["names"]) if "names" in asked else rows
        shown = rows.select_related("organization", "created_by")
        return listed(shown, WorkspaceJson, plural="workspaces", asked=asked)

    @operation(
        "CreateWorkspace",
        "Create a Workspace",
        body=CreateWorkspaceRequest,
        reply=WorkspaceJson,
        tag=_TAG,
    )
    def post(self, request: Request, organization_id: str) -> Response:
        organization = lookups.organization(self.actor, organization_id)
        wanted = self.checked(CreateWorkspaceRequest)
        made = services.create(
            organization,
            name=wanted["name"],
            description=wanted["description"],
            enforces_ci_cd=wanted["cicdEnforcedDefault"],
            actor=self.actor,
        )
        return Response(WorkspaceJson(made).data)


class OneWorkspace(Resource):
    @operation("GetWorkspace", "Show a Workspace", reply=WorkspaceJson, tag=_TAG)
    def get(self, request: Request, **ids: str) -> Response:
        return Response(WorkspaceJson(lookups.workspace(self.actor, **ids)).data)

    @operation(
        "UpdateWorkspace",
        "Change the settings of a Workspace",
        body=UpdateWorkspaceRequest,
        reply=WorkspaceJson,
        tag=_TAG,
    )
    def post(self, request: Request, **ids: str) -> Response:
        found = lookups.workspace(self.actor, **ids)
        wanted = self.checked(UpdateWorkspaceRequest)
        changed = services.update(
            found,
            name=wanted["name"],
            description=wanted["description"],
            enforces_ci_cd=wanted["cicdEnforcedDefault"],
            actor=self.actor,
        )
        return Response(WorkspaceJson(changed).data)

    @operation("DeleteWorkspace", "Delete an empty Workspace and its tokens", tag=_TAG)
    def delete(self, request: Request, **ids: str) -> Response:
        found = lookups.workspace(self.actor, **ids)
        services.delete(found, typed_name=found.name, actor=self.actor)
        return Response(status=204)
