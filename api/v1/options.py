from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import lookups
from api.v1.deployments import TAG
from api.v1.described import operation
from api.v1.views import Resource
from api.v1.wire.options import DeploymentOptions, DeploymentOptionsQuery, published
from deployments import queries
from runtime import catalogue
from runtime.catalogue import RuntimeRelease


class Options(Resource):
    @operation(
        "GetDeploymentOptions",
        "Show what a Deployment can be made of; the first runtime is the default",
        query=DeploymentOptionsQuery,
        reply=DeploymentOptions,
        tag=TAG,
    )
    def get(self, request: Request, organization_id: str) -> Response:
        organization = lookups.organization(self.actor, organization_id)
        asked = self.asked(DeploymentOptionsQuery)
        if "deploymentId" in asked:
            lookups.deployment(self.actor, organization_id, asked["deploymentId"])
        releases = [_shown(each) for each in queries.runtimes(organization)]
        return Response(DeploymentOptions(published() | {"runtimeReleases": releases}).data)


def _shown(release: RuntimeRelease) -> dict[str, Any]:
    return {
        "version": release.version,
        "airflow_version": release.airflow_version,
        "channel": release.channel.value,
        "released_at": datetime.combine(catalogue.released_by(release), time(), UTC),
    }
