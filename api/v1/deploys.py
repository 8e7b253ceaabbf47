from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import lookups
from api.v1.views import Resource, listed
from api.v1.wire.deploys import (
    CreateDeployRequest,
    DeployJson,
    DescriptionRequest,
    FinalizeDeployRequest,
)
from deployments import queries
from deployments.models import Deploy
from deployments.services import deploys


def upload_url(deploy: Deploy) -> str:
    """Where to upload; whoever holds this address may, until the deploy is finalized."""
    path = reverse("api:upload", args=[deploy.pk])
    return f"{settings.BASE_URL}{path}?sig={quote(deploy.upload_secret)}"


class Deploys(Resource):
    def get(self, request: Request, organization_id: str, deployment_id: str) -> Response:
        deployment = lookups.deployment(self.actor, organization_id, deployment_id)
        rows = queries.deploys(self.actor, deployment)
        return listed(request, rows, DeployJson, plural="deploys")

    def post(self, request: Request, organization_id: str, deployment_id: str) -> Response:
        deployment = lookups.deployment(self.actor, organization_id, deployment_id)
        wanted = self.checked(CreateDeployRequest)
        made = deploys.begin(
            deployment,
            kind=wanted["type"],
            description=wanted["description"],
            git=wanted.get("git"),
            actor=self.actor,
        )
        return Response(DeployJson(made, context={"upload_url": upload_url(made)}).data)


class OneDeploy(Resource):
    def get(self, request: Request, **ids: str) -> Response:
        return Response(DeployJson(lookups.deploy(self.actor, **ids)).data)

    def post(self, request: Request, **ids: str) -> Response:
        deploy = lookups.deploy(self.actor, **ids)
        wanted = self.checked(DescriptionRequest)
        changed = deploys.describe(deploy, description=wanted["description"], actor=self.actor)
        return Response(DeployJson(changed).data)


class FinalizeDeploy(Resource):
    def post(self, request: Request, **ids: str) -> Response:
        deploy = lookups.deploy(self.actor, **ids)
        wanted = self.checked(FinalizeDeployRequest)
        done = deploys.deliver(deploy, version=wanted["dagTarballVersion"], actor=self.actor)
        return Response(DeployJson(done).data)


class RollBackDeploy(Resource):
    def post(self, request: Request, **ids: str) -> Response:
        deploy = lookups.deploy(self.actor, **ids)
        wanted = self.checked(DescriptionRequest)
        made = deploys.roll_back(deploy, description=wanted["description"], actor=self.actor)
        return Response(DeployJson(made).data)
