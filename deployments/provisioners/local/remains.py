"""What has lost its record: a purge or a first start that was cut off in the middle."""

from __future__ import annotations

from ..base import ProvisionerError
from . import processes
from .deploys import remove_tree
from .processes import Mark
from .settings import Place
from .workshop import Workshop

PREFIX = "airflow_"


def found(workshop: Workshop) -> set[str]:
    """Ids of Deployments of which a folder or a database of this cluster is there.

    A server that does not answer hides its databases; nothing follows from what is not here.
    """
    folders = {path.name for path in workshop.settings.deployments.iterdir()}
    try:
        names = workshop.databases.ours()
    except ProvisionerError:
        names = set()
    return folders | {name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)}


def remove(workshop: Workshop, place: Place) -> None:
    """Remove all of it: processes, the database that carries our mark, the folder."""
    mark = Mark(
        place.deployment_id, place.home, workshop.settings.environments, _user(workshop, place)
    )
    if not processes.end(lambda: processes.belonging(mark), grace=1):
        raise ProvisionerError("Some of its processes do not end.", remedy="Try again.")
    name = f"{PREFIX}{place.deployment_id}"
    if name in workshop.databases.ours():
        workshop.databases.drop(name)
    remove_tree(place.root)


def _user(workshop: Workshop, place: Place) -> int:
    """Its home tells which user it had; 0 when none of its own."""
    uid = place.home.stat().st_uid if place.home.is_dir() else 0
    return uid if uid in workshop.settings.uids else 0
