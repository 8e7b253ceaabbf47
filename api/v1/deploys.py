from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import lookups
from api.v1.described import operation
from api.v1.views import Resource, listed
from api.v1.wire.deploys import (
    CreateDeployRequest,
    DeployJson,
    DeployRollbackRequest,
    DeploysPaginated,
    DeploysQuery,
    FinalizeDeployRequest,
    UpdateDeployRequest,
)
from deployments import queries
from deployments.models import Deploy
from deployments.services import deploys

_TAG = "Deploy"


def upload_url(deploy: Deploy) -> str:
    """Where to upload; whoever holds this address may, until the deploy is finalized."""
    path = reverse("api:upload", args=[deploy.pk])
    return f"{settings.BASE_URL}{path}?sig={quote(deploy.upload_secret)}"


class Deploys(Resource):
    @operation(
        "ListDeploys",
        "List the deploys of a Deployment, newest first",
        query=DeploysQuery,
        reply=DeploysPaginated,
        tag=_TAG,
    )
    def get(self, request: Request, organization_id: str, deployment_id: str) -> Response:
        deployment = lookups.deployment(self.actor, organization_id, deployment_id)
        rows = queries.deploys(self.actor, deployment)
        asked = self.asked(DeploysQuery)
        return listed(rows, DeployJson, plural="deploys", asked=asked)

    @operation(
        "CreateDeploy",
        "Begin a deploy; the answer has the address to upload to",
        body=CreateDeployRequest,
        reply=DeployJson,
        tag=_TAG,
    )
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
    @operation("GetDeploy", "Show a deploy", reply=DeployJson, tag=_TAG)
    def get(self, request: Request, **ids: str) -> Response:
        return Response(DeployJson(lookups.deploy(self.actor, **ids)).data)

    @operation(
        "UpdateDeploy",
        "Change the description of a deploy",
        body=UpdateDeployRequest,
        reply=DeployJson,
        tag=_TAG,
    )
    def post(self, request: Request, **ids: str) -> Response:
        deploy = lookups.deploy(self.actor, **ids)
        wanted = self.checked(UpdateDeployRequest)
        changed = deploys.describe(deploy, description=wanted["description"], actor=self.actor)
        return Response(DeployJson(changed).data)


class FinalizeDeploy(Resource):
    @operation(
        "FinalizeDeploy",
        "Serve what was uploaded; a bad archive fails the deploy and what runs goes on",
        body=FinalizeDeployRequest,
        reply=DeployJson,
        tag=_TAG,
    )
    def post(self, request: Request, **ids: str) -> Response:
        deploy = lookups.deploy(self.actor, **ids)
        wanted = self.checked(FinalizeDeployRequest)
        done = deploys.deliver(deploy, version=wanted["dagTarballVersion"], actor=self.actor)
        return Response(DeployJson(done).data)


class RollBackDeploy(Resource):
    @operation(
        "DeployRollback",
        "Go back to a deploy, by a new deploy with its content",
        body=DeployRollbackRequest,
        reply=DeployJson,
        tag=_TAG,
    )
    def post(self, request: Request, **ids: str) -> Response:
        deploy = lookups.deploy(self.actor, **ids)
        wanted = self.checked(DeployRollbackRequest)
        made = deploys.roll_back(deploy, description=wanted["description"], actor=self.actor)
        return Response(DeployJson(made).data)
