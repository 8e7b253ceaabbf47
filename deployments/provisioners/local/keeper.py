"""Keeps one Deployment as wished, in a thread of its own."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Event, RLock, Thread
from time import monotonic

from ..base import Component, DeploymentSpec, Failure, Observation, Phase, ProvisionerError
from ..inventory import Holding
from . import programs
from .deploys import remove_tree
from .health import is_complete
from .journal import Journal
from .record import Goal, Record, Secrets, fingerprint
from .settings import Place
from .strays import Kept
from .supervision import Tree
from .work import SupersededError, Work
from .workshop import Workshop

CALM_SECONDS = 3.0
WORRIED_SECONDS = 0.3
REVIVE_SECONDS = 30.0
PURGE_SECONDS = 60.0
JOIN_SECONDS = 5.0

log = logging.getLogger(__name__)


class Keeper:
    """Thread-safe; `close` ends the thread and leaves the Deployment as it is."""

    def __init__(self, workshop: Workshop, place: Place, record: Record) -> None:
        self._workshop = workshop
        self._place = place
        self._record = record
        self._tree = Tree(
            place, environments=workshop.settings.environments, nursery=workshop.nursery
        )
        self._journal = Journal(record.steps, self._save_steps)
        self._lock = RLock()
        self._bell = Event()
        self._settled = Event()
        self._is_closing = False
        self._wish = self._attempted = 0
        self._work = self._new_work()
        self._revived_at = 0.0
        self._thread = Thread(target=self._live, name=f"keeper-{place.deployment_id}", daemon=True)

    @classmethod
    def found(cls, workshop: Workshop, place: Place, spec: DeploymentSpec) -> Keeper:
        """Begin a Deployment that the agent has never seen."""
        place.root.mkdir(mode=0o750, parents=True, exist_ok=True)
        return cls(workshop, place, Record(spec=spec, secrets=Secrets.fresh()))

    def open(self) -> None:
        """Go on from the record: bring back what an ordered stop ended, adopt what still runs."""
        record = self._record
        self._workshop.remember(record)
        if record.goal is Goal.RUNNING and record.tree is None and not record.failure:
            record.is_settled = False
        if record.is_settled:
            self._settled.set()
        self._thread.start()

    def close(self) -> None:
        self._is_closing = True
        self._bell.set()
        self._thread.join(JOIN_SECONDS)

    # What others wish

    def apply(self, spec: DeploymentSpec) -> None:
        """Want it running as `spec` says; refuses an older generation."""
        with self._lock:
            self._refuse_older(spec.generation)
            if not self._is_running_as(spec):
                self._want(Goal.RUNNING, spec)

    def want(self, goal: Goal, generation: int) -> None:
        """Want it down; refuses an older generation."""
        with self._lock:
            self._refuse_older(generation)
            spec = replace(self._record.spec, generation=generation)
            if self._record.goal is not goal or self._record.failure:
                self._want(goal, spec)
            elif spec != self._record.spec:
                self._record.spec = spec
                self._record.save(self._place.record, is_durable=True)

    def purge(self) -> None:
        """Remove every trace; waits until all is gone, at most a minute."""
        self.want(Goal.DELETED, self._record.spec.generation)
        if not self._settled.wait(PURGE_SECONDS) or self._record.failure:
            raise ProvisionerError(
                "The Deployment's processes have not ended yet.", remedy="Try again."
            )
        self.close()
        self._workshop.databases.drop(self._work.database_name)
        remove_tree(self._place.root)
        self._workshop.forget(self._record)

    def end_tree(self) -> None:
        """End all processes without changing the wish, as the agent itself is about to end."""
        self.close()
        self._work.end_tree()

    # What others see

    def observe(self) -> Observation:
        """Answer from memory."""
        with self._lock:
            record, components = self._record, self._work.components
            phase = self._phase(components)
            if phase is Phase.ABSENT:
                return Observation(phase=phase)
            is_up = record.tree is not None
            return Observation(
                phase=phase,
                generation=record.spec.generation,
                steps=self._journal.report(),
                components=components if is_up else (),
                failure=record.failure,
                endpoint=f"http://127.0.0.1:{record.first_port}" if is_up else "",
                endpoint_uid=record.uid if is_up and record.is_isolated else 0,
                active_deploy=record.active_deploy,
            )

    def holding(self) -> Holding:
        record = self._record
        is_awake = record.goal is Goal.RUNNING
        spec = record.spec
        return Holding(spec.deployment_id, spec.cluster_id, spec.generation, is_awake=is_awake)

    @property
    def tree_pid(self) -> int | None:
        return self._record.tree.pid if self._record.tree else None

    def kept(self) -> Kept:
        """For whoever looks for processes that nobody keeps."""
        record = self._record
        leaders = programs.recorded_lives(self._place.supervisor)
        if record.tree:
            return Kept(is_down=False, leaders=frozenset((record.tree.name, *leaders)))
        return Kept(is_down=record.is_settled and record.goal is not Goal.RUNNING)

    @property
    def is_exposed(self) -> bool:
        return self._record.is_exposed

    def _phase(self, components: tuple[Component, ...]) -> Phase:
        record = self._record
        if not record.is_settled:
            return Phase.WORKING
        if record.failure:
            return Phase.FAILED
        if record.goal is Goal.RUNNING:
            return Phase.RUNNING if is_complete(components) else Phase.DEGRADED
        return Phase.STOPPED if record.goal is Goal.STOPPED else Phase.ABSENT

    # The thread

    def _live(self) -> None:
        while not self._is_closing:
            self._bell.clear()
            if not self._record.is_settled:
                self._attempt()
            elif self._record.tree:
                self._watch()
            self._bell.wait(self._patience())

    def _patience(self) -> float | None:
        if not self._record.is_settled:
            return 0.0
        if not self._record.tree:
            return None
        is_calm = self._record.failure or is_complete(self._work.components)
        return CALM_SECONDS if is_calm else WORRIED_SECONDS

    def _attempt(self) -> None:
        with self._lock:
            wish = self._attempted = self._wish
            self._work.begin()
        try:
            self._reach_goal_or_wait()
        except SupersededError:
            return
        except ProvisionerError as error:
            self._settle(wish, Failure(error.cause, error.remedy, error.permanent))
        except Exception as error:
            log.exception("work on %s broke", self._place.deployment_id)
            self._settle(wish, _unforeseen(error))
        else:
            self._settle(wish, None)

    def _reach_goal_or_wait(self) -> None:
        """Once more where the database was away: a server that restarts is back soon, and whoever
        wished something at that moment need not wish it again."""
        try:
            self._reach_goal()
        except ProvisionerError:
            if not self._work.await_database():
                raise
            self._reach_goal()

    def _reach_goal(self) -> None:
        if self._record.goal is not Goal.RUNNING:
            self._work.take_down()
            return
        if not self._is_started():
            self._work.bring_up()
        elif not is_complete(self._work.look()):
            self._work.await_components()
        if self._needs_switch():
            self._work.switch_deploy()

    def _is_started(self) -> bool:
        """Does a tree run with the settings that are wished now?"""
        if self._record.started_with != fingerprint(self._record.spec):
            return False
        try:
            self._work.look()
        except ConnectionError:
            return False
        return True

    def _needs_switch(self) -> bool:
        deploy = self._record.spec.deploy
        return deploy is not None and deploy.version != self._record.active_deploy

    def _watch(self) -> None:
        try:
            components = self._work.look()
        except ConnectionError:
            log.warning("the process tree of %s is gone", self._place.deployment_id)
            with self._lock:
                self._want(self._record.goal, self._record.spec)
            return
        given_up = [each.name for each in components if each.detail == "fatal"]
        if given_up and monotonic() - self._revived_at > REVIVE_SECONDS:
            self._revived_at = monotonic()
            for name in given_up:
                self._tree.revive(name)

    # What both share

    def _want(self, goal: Goal, spec: DeploymentSpec) -> None:
        record = self._record
        record.goal, record.spec, record.failure, record.is_settled = goal, spec, None, False
        self._journal.plan()  # the former work's steps are not those of this wish
        self._wish += 1
        self._settled.clear()
        record.save(self._place.record, is_durable=True)
        self._bell.set()

    def _settle(self, wish: int, failure: Failure | None) -> None:
        with self._lock:
            if wish != self._wish:
                return
            self._record.failure, self._record.is_settled = failure, True
            if failure and not is_complete(self._work.components):
                self._record.started_with = ""  # trying again means starting again
            self._record.save(self._place.record, is_durable=True)
            self._settled.set()

    def _refuse_older(self, generation: int) -> None:
        known = self._record.spec.generation
        if generation < known:
            raise ProvisionerError(
                f"Generation {generation} of the wish is older than {known}.",
                remedy="Reload the page: somebody changed the Deployment meanwhile.",
                permanent=True,
            )

    def _is_running_as(self, spec: DeploymentSpec) -> bool:
        record = self._record
        is_wanted = record.goal is Goal.RUNNING and record.spec == spec and not record.failure
        return is_wanted and self._place.record.exists()

    def _save_steps(self) -> None:
        self._record.steps = self._journal.report()
        self._record.save(self._place.record)

    def _new_work(self) -> Work:
        return Work(
            self._workshop,
            self._place,
            self._record,
            self._journal,
            self._tree,
            is_superseded=lambda: self._is_closing or self._wish != self._attempted,
        )


def _unforeseen(error: Exception) -> Failure:
    return Failure(
        cause=f"The local agent met an error that it does not know: {error!r}"[:500],
        remedy="Try again; if it stays, the agent's own log tells more.",
        is_permanent=False,
    )
