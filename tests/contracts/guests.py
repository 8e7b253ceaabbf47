"""One Deployment on a local cluster, gone again after its test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from deployments.provisioners.base import DeploymentSpec
from tests.provisioners.cluster import Cluster


@contextmanager
def guest(cluster: Cluster, spec: DeploymentSpec) -> Iterator[DeploymentSpec]:
    """The cluster's agent runs, before and after; a test may kill it meanwhile."""
    if cluster.agent is None:
        cluster.start()
    yield spec
    if cluster.agent is None:
        cluster.start()
    cluster.provisioner.purge({"deployment_id": spec.deployment_id})
