"""What a cluster keeps and no Deployment of this console owns: found, judged, cleared away.

Nothing is removed because the console does not know it: its database may be empty, restored or
not the right one. Data goes only where the book proves that this console purged the Deployment.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from access.actor import Actor
from access.scopes import INSTALLATION
from audit.models import AuditRecord, Outcome
from audit.record import AuditPlace, record
from deployments import backends
from deployments.models import Cluster, Deployment, Wish
from deployments.provisioners.base import ProvisionerError
from deployments.provisioners.inventory import Holding, Stray
from web.errors import Conflict, NotFound

logger = logging.getLogger(__name__)
_PURGED = "deployments.purge"


class Verdict(StrEnum):
    OWNED = "owned"
    AWAKE = "runs against its wish"
    PURGED = "left of a Deployment that was purged"
    UNKNOWN = "not in this console's database"
    FOREIGN = "made for another console's database"


_REMEDIES = {
    Verdict.AWAKE: "It is stopped within a minute.",
    Verdict.PURGED: "It is removed within a minute.",
    Verdict.UNKNOWN: "Its processes are ended and its data is kept. Restore the right backup, or "
    "remove it for ever: ./console orphans --remove {id}",
    Verdict.FOREIGN: "It is left alone. Point DATABASE_URL at the right database, or remove it "
    "for ever: ./console orphans --remove {id}",
}


@dataclass(frozen=True)
class Orphan:
    """Something that a cluster keeps of a Deployment and that nobody owns."""

    cluster: Cluster
    holding: Holding
    verdict: Verdict
    audited_fields: ClassVar[tuple[str, ...]] = ()
    secret_fields: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return f"Deployment {self.pk} on {self.cluster.name}"

    @property
    def pk(self) -> str:
        return self.holding.deployment_id

    @property
    def remedy(self) -> str:
        return _REMEDIES[self.verdict].format(id=self.pk)

    def audit_place(self) -> AuditPlace:
        return AuditPlace(organization_id=INSTALLATION.id, deployment_id=self.pk)


def look() -> list[Orphan]:
    """Every orphan of every cluster that answers, for the operator."""
    return [each for cluster in Cluster.objects.all() for each in _of(cluster)]


def strays() -> list[Stray]:
    """Processes that clusters found lately and ended, since no Deployment owned them."""
    found: list[Stray] = []
    for cluster in Cluster.objects.all():
        try:
            found += backends.provisioner(cluster).inventory().strays
        except ProvisionerError:
            continue
    return found


def clear() -> None:
    """Stop what runs against its wish, and remove what was purged. Leaves all other data."""
    for orphan in look():
        try:
            _clear(orphan)
        except ProvisionerError as error:
            logger.warning("%s (%s) stays: %s", orphan, orphan.verdict, error.cause)


def remove(deployment_id: str, *, actor: Actor) -> Orphan:
    """The operator's word: remove every trace of an orphan, for ever; written into the book.

    Raises NotFound where nothing is kept of it, Conflict for a Deployment of this console.
    """
    if Deployment.objects.filter(pk=deployment_id).exists():
        raise Conflict("This console owns that Deployment.", remedy="Delete it on its page.")
    orphan = next((each for each in look() if each.pk == deployment_id), None)
    if orphan is None:
        raise NotFound(f"No cluster keeps anything of {deployment_id}.")
    record(actor, "deployments.remove_orphan", orphan)
    _purge(orphan)
    return orphan


def _of(cluster: Cluster) -> Iterator[Orphan]:
    try:
        holdings = backends.provisioner(cluster).inventory().holdings
    except ProvisionerError:
        return
    ids = [each.deployment_id for each in holdings]
    # Asked after the cluster: a Deployment is written down before anything is made of it
    rows = {row.pk: row for row in Deployment.objects.filter(pk__in=ids)}
    purged = set(
        AuditRecord.objects.filter(
            action=_PURGED, outcome=Outcome.DONE, deployment_id__in=set(ids) - set(rows)
        ).values_list("deployment_id", flat=True)
    )
    for holding in holdings:
        row = rows.get(holding.deployment_id)
        verdict = _judge(cluster, holding, row, was_purged=holding.deployment_id in purged)
        if verdict is not Verdict.OWNED:
            yield Orphan(cluster, holding, verdict)


def _judge(
    cluster: Cluster, holding: Holding, row: Deployment | None, *, was_purged: bool
) -> Verdict:
    if row is not None:
        is_over = row.is_settled and row.wish != Wish.RUNNING and holding.is_awake
        return Verdict.AWAKE if is_over else Verdict.OWNED
    if was_purged:
        return Verdict.PURGED
    return Verdict.FOREIGN if holding.owner not in {"", cluster.pk} else Verdict.UNKNOWN


def _clear(orphan: Orphan) -> None:
    match orphan.verdict:
        case Verdict.PURGED:
            _purge(orphan)
        case Verdict.AWAKE:
            _obey(orphan)
        case Verdict.UNKNOWN if orphan.holding.is_awake and orphan.holding.owner:
            logger.warning("%s is in no row of this database; its processes are ended", orphan)
            backend = backends.provisioner(orphan.cluster)
            backend.stop(backend.address(orphan.pk), generation=orphan.holding.generation)


def _obey(orphan: Orphan) -> None:
    """A late call of a worker that was overtaken woke it; the wish of the row counts."""
    row = Deployment.objects.get(pk=orphan.pk)
    if row.wish == Wish.RUNNING:
        return
    backend = backends.provisioner(orphan.cluster)
    call = backend.stop if row.wish == Wish.STOPPED else backend.delete
    call(backend.address(row.pk), generation=row.generation)


def _purge(orphan: Orphan) -> None:
    backend = backends.provisioner(orphan.cluster)
    backend.purge(backend.address(orphan.pk))
