"""From a Cluster row to the backend that runs it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from deployments.models import Cluster
from deployments.provisioners.base import Provisioner


def provisioner(cluster: Cluster) -> Provisioner:
    """The backend of a cluster; one instance for each process and row."""
    return _provisioner(cluster.pk, cluster.backend, tuple(sorted(cluster.options.items())))


@cache
def _provisioner(
    cluster_id: str, backend: str, options: tuple[tuple[str, Any], ...]
) -> Provisioner:
    match backend:
        case Cluster.Backend.LOCAL:
            from deployments.provisioners.local import LocalProvisioner

            return LocalProvisioner(settings.AGENT_SOCKET, **dict(options))
        case Cluster.Backend.MEMORY:
            from deployments.provisioners.memory import MemoryProvisioner

            return MemoryProvisioner(**dict(options))
        case _:
            raise ValueError(f"no such backend: {backend}")
