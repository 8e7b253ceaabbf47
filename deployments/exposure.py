"""What people must know of a cluster before they put secrets or another customer on it."""

from __future__ import annotations

from time import monotonic

from deployments import backends
from deployments.models import Cluster
from deployments.provisioners.base import ProvisionerError

KNOWN_SECONDS = 30.0

_known: dict[str, tuple[float, str]] = {}


def exposure(cluster: Cluster) -> str:
    """Why Deployments there are not isolated, with the remedy; empty where they are.

    What was answered counts for 30 s. A cluster that does not answer is not known to isolate.
    """
    asked_at, answer = _known.get(cluster.pk, (0.0, ""))
    if not asked_at or monotonic() - asked_at > KNOWN_SECONDS:
        answer = _ask(cluster)
        _known[cluster.pk] = monotonic(), answer
    return answer


def _ask(cluster: Cluster) -> str:
    try:
        return backends.provisioner(cluster).exposure()
    except ProvisionerError as error:
        return f"Whether Deployments are isolated is not known. {error.cause} {error.remedy}"
