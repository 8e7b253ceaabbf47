"""Letting the reconciler work, without a queue and without waiting."""

from __future__ import annotations

from deployments import backends, reconciler
from deployments.models import Deployment, Operation
from deployments.provisioners.base import State
from deployments.provisioners.memory import MemoryProvisioner

_MOST_STEPS = 50


def settle(deployment: Deployment) -> Deployment:
    """Take steps until the Deployment is settled; answer it as it then is."""
    for _ in range(_MOST_STEPS):
        if reconciler.reconcile(deployment.pk) is None:
            return fresh(deployment)
    raise AssertionError(f"not settled after {_MOST_STEPS} steps")


def fresh(deployment: Deployment) -> Deployment:
    return Deployment.objects.get(pk=deployment.pk)


def backend(deployment: Deployment) -> MemoryProvisioner:
    """The twin that runs this Deployment, to be told how to behave."""
    found = backends.provisioner(deployment.cluster)
    assert isinstance(found, MemoryProvisioner)
    return found


def state(deployment: Deployment) -> State:
    return dict(fresh(deployment).backend_state)


def operation(deployment: Deployment) -> Operation:
    """The newest one."""
    return Operation.objects.filter(deployment=deployment).latest("started_at", "id")
