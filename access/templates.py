"""What a new role of a Deployment can start from, as the published catalogue has it.

They are no roles: nobody holds one. The roles of a Workspace with the same names hold more.
"""

from __future__ import annotations

from access.permissions import Permission
from access.roles import PERMISSIONS_OF, Rights, Role

_OBJECTS = ("connection", "pool", "variable", "xcom")


def _of(prefix: str, *gestures: str) -> Rights:
    """Rights on one thing: those named, or all."""
    found = {p for p in Permission if p.rpartition(".")[0] == f"deployment.{prefix}"}
    return frozenset(p for p in found if not gestures or p.rpartition(".")[2] in gestures)


_VIEWER: Rights = PERMISSIONS_OF[Role.WORKSPACE_MEMBER] - frozenset(
    p for p in Permission if p.startswith("workspace.")
)
_AUTHOR: Rights = _VIEWER.union(
    _of("airflow.dag"),
    _of("airflow.dagRun"),
    _of("airflow.taskInstance"),
    _of("deploys", "get", "create"),
    _of("envObjects", "get"),
)
_OPERATOR: Rights = _AUTHOR.union(
    *(_of(f"airflow.{thing}") for thing in _OBJECTS),
    *(_of(f"airflow.{thing}") for thing in ("adminMenu", "configMenu", "plugin", "provider")),
    *(_of(thing) for thing in ("alerts", "apiTokens", "deploys", "envObjects")),
)

TEMPLATES: dict[str, Rights] = {"Viewer": _VIEWER, "Author": _AUTHOR, "Operator": _OPERATOR}
"""By name, weakest first."""
