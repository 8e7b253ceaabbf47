"""From a Deployment row to the frozen wish that a backend understands."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.urls import reverse

from deployments.gateway import oidc
from deployments.gateway.addresses import Pattern
from deployments.models import Deploy, Deployment
from deployments.provisioners.base import (
    DeploymentSpec,
    DeploySource,
    EnvironmentVariable,
    Executor,
    Identity,
    OidcClient,
)
from runtime import catalogue

PARALLELISM = {"SMALL": 4, "MEDIUM": 8, "LARGE": 16, "EXTRA_LARGE": 32}
"""Tasks that run at once, by scheduler size: each costs about 30 MB on this machine."""

_EXECUTORS = {"ASTRO": Executor.LOCAL, "CELERY": Executor.CELERY, "LOCAL": Executor.LOCAL}


def build(deployment: Deployment) -> DeploymentSpec:
    """Everything the backend needs for the present generation of the wish."""
    console = f"{settings.BASE_URL}{reverse('deployments:detail', args=[deployment.pk])}"
    return DeploymentSpec(
        deployment_id=deployment.pk,
        organization_id=deployment.organization_id,
        namespace=deployment.namespace,
        generation=deployment.generation,
        runtime_version=deployment.runtime_version,
        executor=_EXECUTORS[deployment.executor],
        scheduler_size=deployment.scheduler_size,
        parallelism=PARALLELISM[deployment.scheduler_size],
        base_url=airflow_url(deployment),
        console_url=console,
        identity=Identity(
            issuer=settings.BASE_URL,
            public_key_pem=settings.IDENTITY_PUBLIC_KEY,
            sign_in_url=f"{console}open/",
        ),
        environment=tuple(
            EnvironmentVariable(row.key, row.value, is_secret=row.is_secret)
            for row in deployment.variables.all()
        ),
        oidc=_oidc(deployment),
        deploy=_source(deployment.current_deploy),
        cluster_id=deployment.cluster_id,
    )


def airflow_url(deployment: Deployment) -> str:
    """The public address of its Airflow, with a trailing slash."""
    return Pattern.configured().of(deployment.namespace).base_url


def deploy_folder(deployment_id: str, version: str) -> Path:
    """Where the unpacked, immutable files of one deploy lie."""
    return Path(settings.DATA_DIR) / "deploys" / deployment_id / version


def _oidc(deployment: Deployment) -> OidcClient | None:
    """Airflow 3 needs none: it decides by each request's identity alone."""
    is_2 = catalogue.get(deployment.runtime_version).airflow_major < 3
    return oidc.client_of(deployment) if is_2 else None


def _source(deploy: Deploy | None) -> DeploySource | None:
    if deploy is None:
        return None
    folder = deploy_folder(deploy.deployment_id, deploy.content_version or deploy.pk)
    return DeploySource(version=deploy.pk, path=folder, label=f"deploy #{deploy.number}")
