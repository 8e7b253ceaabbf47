from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries
from accounts.services import organizations
from accounts.services.provisioning.switching import switch_scim
from api.v1 import lookups
from api.v1.described import operation
from api.v1.views import Resource, listed
from api.v1.wire.organizations import (
    OrganizationJson,
    OrganizationQuery,
    OrganizationsPaginated,
    OrganizationsQuery,
    UpdateOrganizationRequest,
)

_TAG = "Organization"


class Organizations(Resource):
    @operation(
        "ListOrganizations",
        "List the Organizations that the token may see",
        query=OrganizationsQuery,
        reply=OrganizationsPaginated,
        tag=_TAG,
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(OrganizationsQuery)
        rows = queries.organizations(self.actor)
        return listed(rows, OrganizationJson, plural="organizations", asked=asked)


class OneOrganization(Resource):
    @operation(
        "GetOrganization",
        "Show an Organization",
        query=OrganizationQuery,
        reply=OrganizationJson,
        tag=_TAG,
    )
    def get(self, request: Request, organization_id: str) -> Response:
        self.asked(OrganizationQuery)
        found = lookups.organization(self.actor, organization_id)
        return Response(OrganizationJson(found).data)

    @operation(
        "UpdateOrganization",
        "Change the settings of an Organization",
        body=UpdateOrganizationRequest,
        reply=OrganizationJson,
        tag=_TAG,
    )
    def post(self, request: Request, organization_id: str) -> Response:
        found = lookups.organization(self.actor, organization_id)
        wanted = self.checked(UpdateOrganizationRequest)
        changed = organizations.update_organization(
            found,
            name=wanted["name"],
            allows_deprecated_runtimes=found.allows_deprecated_runtimes,
            audit_retention_days=found.audit_retention_days,
            api_token_max_days=found.api_token_max_days,
            actor=self.actor,
        )
        is_on = wanted.get("isScimEnabled", changed.is_scim_on)
        if is_on != changed.is_scim_on:
            changed = switch_scim(changed, is_on=is_on, actor=self.actor)
        return Response(OrganizationJson(changed).data)
