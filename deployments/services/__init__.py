"""What can be done to Deployments. Inside this package the noun is known: `create`, `wake`."""

from deployments.services.create import create
from deployments.services.power import delete, hibernate, purge, rest, restore, retry, wake
from deployments.services.update import update
from deployments.services.variables import remove_variable, replace_all, set_variable

__all__ = [
    "create",
    "delete",
    "hibernate",
    "purge",
    "remove_variable",
    "replace_all",
    "rest",
    "restore",
    "retry",
    "set_variable",
    "update",
    "wake",
]
