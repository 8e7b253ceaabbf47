"""What all Deployments of this agent share, and what each of them takes from it."""

from __future__ import annotations

from secrets import SystemRandom, choice, token_hex
from socket import AF_INET, SO_REUSEADDR, SOL_SOCKET, socket
from threading import Lock

from ..base import ProvisionerError
from . import processes
from .databases import Databases
from .neutral import neutral
from .nursery import Nursery
from .recipe import Log, Plan, Recipe
from .record import Goal, Record
from .settings import SHARE_UNISOLATED, AgentSettings


class Workshop:
    """Thread-safe."""

    def __init__(self, settings: AgentSettings, recipe: Recipe, *, is_root: bool) -> None:
        self.settings = settings
        self.recipe = recipe
        self.databases = Databases(settings.database_url, owner=_identity(settings))
        self.nursery = Nursery(settings.data / "run")
        self._template_lock = Lock()
        self._is_root = is_root
        self._records: dict[str, Record] = {}
        self._lock = Lock()

    def remember(self, record: Record) -> None:
        """From now on nobody else gets what `record` holds."""
        with self._lock:
            self._records[record.spec.deployment_id] = record

    def forget(self, record: Record) -> None:
        with self._lock:
            self._records.pop(record.spec.deployment_id, None)

    def reserve(self, record: Record) -> None:
        """Give a Deployment that is about to run its ports and, as root, its user.

        The user it keeps, its files belong to it; ports only for as long as it is awake.
        """
        with self._lock:
            others = [each for each in self._records.values() if each is not record]
            if self._is_root and not record.uid:
                record.uid = self._free_uid({each.uid for each in others})
            size = self.recipe.ports_per_deployment
            taken = {each.first_port for each in others if each.goal is Goal.RUNNING}
            if record.first_port in {0, *taken} or not _are_free(record.first_port, size):
                record.first_port = self._free_block(taken, size)

    def check_company(self, record: Record) -> None:
        """Who is not isolated is together with their own Organization only.

        Unless the settings allow it. Raises ProvisionerError.
        """
        with self._lock:
            company = [each for each in self._records.values() if _is_foreign(each, record)]
        exposed = (
            company if not record.is_isolated else [each for each in company if each.is_exposed]
        )
        if exposed and not self.settings.shares_unisolated:
            raise ProvisionerError(
                "This machine holds Deployments of another Organization, and one could read the "
                "other's data: not each of them has an operating-system user of its own.",
                remedy="`./console doctor` tells what isolates them. Where all trust each other, "
                f"set {SHARE_UNISOLATED}=true.",
                permanent=True,
            )

    def ensure_template(self, name: str, plan: Plan, log: Log) -> None:
        """Have the migrated database from which those of all such Airflows are cloned."""

        def migrate(url: str) -> None:
            uid = self._spare_uid() if plan.uid else 0
            with neutral(plan, cluster=self.settings.cluster, uid=uid, database_url=url) as fresh:
                self.recipe.migrate(fresh, log)

        with self._template_lock:
            if not self.databases.has(name):
                self.databases.make_template(name, migrate)

    def _spare_uid(self) -> int:
        """A user that no Deployment has."""
        with self._lock:
            return self._free_uid({each.uid for each in self._records.values()})

    def _free_uid(self, taken: set[int]) -> int:
        """Any, by chance: another agent on this machine may give users from the same range."""
        taken = taken | {each.uid for each in processes.everything()}
        free = [uid for uid in self.settings.uids if uid not in taken]
        if free:
            return choice(free)
        raise ProvisionerError(
            "Every user id for Deployments is taken.",
            remedy="Widen ASTRO_UI_AIRFLOW_UIDS or delete Deployments that nobody needs.",
        )

    def _free_block(self, taken: set[int], size: int) -> int:
        """By chance, too: between this look and the moment that Airflow listens, another agent
        looks as well."""
        blocks = range(self.settings.ports.start, self.settings.ports.stop - size + 1, size)
        for port in SystemRandom().sample(blocks, len(blocks)):
            if port not in taken and _are_free(port, size):
                return port
        raise ProvisionerError(
            "Every network port for Deployments is taken.",
            remedy="Widen ASTRO_UI_AIRFLOW_PORTS or end the programs that listen there.",
        )


def _identity(settings: AgentSettings) -> str:
    """Of this cluster, wherever its folder is moved to."""
    path = settings.cluster / "id"
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(token_hex(12), encoding="utf-8")
        draft.replace(path)
    return path.read_text(encoding="utf-8")


def _is_foreign(one: Record, other: Record) -> bool:
    return one.spec.organization_id != other.spec.organization_id


def _are_free(first: int, count: int) -> bool:
    return all(_is_free(port) for port in range(first, first + count))


def _is_free(port: int) -> bool:
    with socket(AF_INET) as probe:
        probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
