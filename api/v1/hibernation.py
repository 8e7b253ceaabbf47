from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import lookups
from api.v1.deployments import TAG
from api.v1.described import operation
from api.v1.views import Resource
from api.v1.wire.deployment_parts import DeploymentHibernationOverride
from api.v1.wire.deployment_requests import OverrideDeploymentHibernationBody
from api.v1.wire.deployments import override
from deployments import services


class HibernationOverride(Resource):
    @operation(
        "UpdateDeploymentHibernationOverride",
        "Put a Deployment to sleep, or wake it",
        body=OverrideDeploymentHibernationBody,
        reply=DeploymentHibernationOverride,
        tag=TAG,
    )
    def post(self, request: Request, **ids: str) -> Response:
        found = lookups.deployment_to_change(self.actor, **ids)
        wanted = self.checked(OverrideDeploymentHibernationBody)
        done = services.rest(found, asleep=wanted["isHibernating"], actor=self.actor)
        return Response(DeploymentHibernationOverride(override(done)).data)

    @operation(
        "DeleteDeploymentHibernationOverride",
        "End the override: without schedules that wakes the Deployment",
        tag=TAG,
    )
    def delete(self, request: Request, **ids: str) -> Response:
        found = lookups.deployment_to_change(self.actor, **ids)
        services.rest(found, asleep=False, actor=self.actor)
        return Response(status=204)
