from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries
from api.v1 import lookups
from api.v1.views import Resource, listed
from api.v1.wire.organizations import OrganizationJson

_SORTS = {"name": "name", "createdAt": "created_at", "updatedAt": "updated_at"}


class Organizations(Resource):
    def get(self, request: Request) -> Response:
        rows = queries.organizations(self.actor)
        return listed(request, rows, OrganizationJson, plural="organizations", sorts=_SORTS)


class OneOrganization(Resource):
    def get(self, request: Request, organization_id: str) -> Response:
        found = lookups.organization(self.actor, organization_id)
        return Response(OrganizationJson(found).data)
