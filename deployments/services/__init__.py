"""What can be done to Deployments. Inside this package the noun is known: `create`, `wake`."""

from deployments.services.create import create
from deployments.services.power import delete, hibernate, restore, retry, wake
from deployments.services.update import update

__all__ = ["create", "delete", "hibernate", "restore", "retry", "update", "wake"]
