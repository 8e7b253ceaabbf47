"""Work whose result every Deployment gets, done with nothing of any of them.

The template of all metadata databases is filled by Airflow itself. Were that done with the code,
the variables or the home of the Deployment that happens to be first, its authors could write into
the database of every later one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from .deploys import remove_tree
from .isolation import give_folders
from .recipe import Plan
from .record import Secrets
from .settings import Place


@contextmanager
def neutral(plan: Plan, *, cluster: Path, uid: int, database_url: str) -> Iterator[Plan]:
    """The same Airflow over `database_url`, as `uid`, in an empty home that goes afterwards.

    One at a time.
    """
    place = Place(cluster / "template", plan.place.run)
    remove_tree(place.root)  # what a killed agent left
    try:
        give_folders(place, uid=uid)
        yield replace(
            plan,
            spec=replace(plan.spec, environment=(), deploy=None, oidc=None),
            place=place,
            secrets=Secrets.fresh(),
            database_url=database_url,
            uid=uid,
        )
    finally:
        remove_tree(place.root)
