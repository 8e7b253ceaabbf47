"""One attempt to bring a Deployment to its goal, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..base import Component, DeploymentSpec, ProvisionerError
from . import component_logs, deploys
from .crashes import Crashes
from .health import beats_count_from, components_of, is_complete
from .isolation import can_enter, give_folders
from .journal import Journal, Step
from .recipe import Plan
from .record import Record, fingerprint
from .settings import Place
from .supervision import Tree
from .workshop import Workshop

HEALTHY_WITHIN = timedelta(seconds=180)
DATABASE_WITHIN = timedelta(seconds=60)
VISIBLE_WITHIN = timedelta(seconds=120)
STALLED_SECONDS = 5.0


class SupersededError(Exception):
    """The wish changed: stop here, the next attempt knows better."""


class Work:
    """Works on `record`, which it saves as it goes; every method may be repeated at any point."""

    def __init__(
        self,
        workshop: Workshop,
        place: Place,
        record: Record,
        journal: Journal,
        tree: Tree,
        *,
        is_superseded: Callable[[], bool],
    ) -> None:
        self.components: tuple[Component, ...] = ()
        self._workshop = workshop
        self._place = place
        self._record = record
        self._journal = journal
        self._tree = tree
        self._is_superseded = is_superseded
        self._spec = record.spec

    def begin(self) -> None:
        """Take the wish as it is now; a change in the middle of the work must not mix with it."""
        self._spec = self._record.spec

    # The goals

    def bring_up(self) -> None:
        """Create, wake, change or repair: from whatever there is to healthy components."""
        spec, recipe = self._spec, self._workshop.recipe
        template = recipe.template(spec)
        has_template = self._has_database(template) or self._workshop.databases.has(template)
        self._journal.plan(*self._steps(has_template=has_template))
        self._build_environment(spec)
        self._end_former_tree()
        self._reserve()
        if not has_template:
            self._prepare_template(template)
        with ThreadPoolExecutor(max_workers=1) as aside:
            database = aside.submit(self._create_database, template)
            self._fetch_deploy(spec)
            database.result()
        self._start_components()
        self._wait_healthy()

    def await_components(self) -> None:
        """Go on where a killed agent waited for the tree that it had started."""
        self._journal.plan("wait-healthy")
        self._wait_healthy()

    def switch_deploy(self) -> None:
        """A running Airflow takes up another deploy; nothing restarts."""
        spec, plan = self._spec, self.plan()
        self._journal.plan("fetch-deploy", "switch-deploy", "show-dags")
        self._fetch_deploy(spec, is_switch=True)
        with self._step("switch-deploy"):
            change = self._switch(spec)
            self._workshop.recipe.announce(plan, change)
        with self._step("show-dags") as step:
            self._wait_visible(plan, change, step)
        in_use = self._workshop.recipe.deploys_in_use(plan)
        self._record.deploys = deploys.prune(self._place, self._record.deploys, in_use=in_use)
        self._save()

    def take_down(self) -> None:
        """End every process; all data stays."""
        self._journal.plan("stop-components")
        with self._step("stop-components"):
            self.end_tree()
        # Not in `end_tree`: who restarts is to find the loaded process still there
        self._workshop.nursery.release(self._place.deployment_id)

    def await_database(self) -> bool:
        """Was the PostgreSQL server of the cluster away, and is it back within a minute?"""
        answers = self._workshop.databases.answers
        if answers():
            return False
        self._journal.plan("create-database")
        deadline = time.monotonic() + DATABASE_WITHIN.total_seconds()
        with self._step("create-database") as step:
            step.describe("Waiting for the PostgreSQL server of this cluster.")
            while not answers():
                if time.monotonic() > deadline:
                    return False
                self._pause(0.5)
        return True

    # The steps

    def _steps(self, *, has_template: bool) -> list[str]:
        names = {
            "build-environment": True,
            "stop-components": bool(self._record.tree),
            "prepare-template": not has_template,
            "create-database": True,
            "write-configuration": True,
            "fetch-deploy": self._spec.deploy is not None,
            "start-components": True,
            "wait-healthy": True,
        }
        return [name for name, is_needed in names.items() if is_needed]

    def _build_environment(self, spec: DeploymentSpec) -> None:
        recipe = self._workshop.recipe
        if recipe.is_built(spec):
            return self._journal.skip("build-environment", "It is there already.")
        with self._step("build-environment") as step:
            return recipe.build(spec, step.log)

    def _prepare_template(self, template: str) -> None:
        with self._step("prepare-template") as step:
            self._workshop.ensure_template(template, self.plan(), step.log)

    def _end_former_tree(self) -> None:
        if not self._record.tree:
            return self.end_tree()
        with self._step("stop-components"):
            return self.end_tree()

    def _reserve(self) -> None:
        record = self._record
        self._workshop.reserve(record)
        needs = (*self._workshop.recipe.needs_to_read(self._spec), self._workshop.settings.data)
        record.is_isolated = bool(record.uid) and can_enter(record.uid, needs)
        self._workshop.check_company(record)
        give_folders(self._place, uid=record.uid if record.is_isolated else 0)
        self._save()

    def _create_database(self, template: str) -> None:
        record, databases = self._record, self._workshop.databases
        name = self.database_name
        if self._has_database(template):
            return self._journal.skip("create-database", "It is there already.")
        with self._step("create-database") as step:
            is_upgrade = databases.has(name) and bool(record.template)
            databases.create(name, template=template, password=record.secrets.database_password)
            if is_upgrade:
                self._workshop.recipe.migrate(self.plan(), step.log)
            record.template = template
            return self._save()

    def _fetch_deploy(self, spec: DeploymentSpec, *, is_switch: bool = False) -> None:
        deploys.ensure_current(self._place)
        if spec.deploy is None:
            return
        with self._step("fetch-deploy") as step:
            step.describe(spec.deploy.label or spec.deploy.version)
            deploys.fetch(spec.deploy, self._place)
            deploys.label(spec.deploy, self._place)
            if not is_switch:
                self._switch(spec)

    def _switch(self, spec: DeploymentSpec) -> deploys.Change:
        version = spec.deploy.version if spec.deploy else deploys.EMPTY
        change = deploys.switch(self._place, version)
        kept = tuple(each for each in self._record.deploys if each != version)
        self._record.deploys = (*kept, version)
        self._record.active_deploy = spec.deploy.version if spec.deploy else ""
        self._save()
        return change

    def _start_components(self) -> None:
        with self._step("write-configuration"):
            programs = self._workshop.recipe.programs(self.plan())
        with self._step("start-components"):
            parent = self._workshop.recipe.parent(self.plan())
            self._record.tree = self._tree.start(programs, parent=parent)
            self._record.started_at = datetime.now(UTC)
            self._record.started_with = fingerprint(self._spec)
            self._save()

    def _wait_healthy(self) -> None:
        deadline = time.monotonic() + HEALTHY_WITHIN.total_seconds()
        answers = self._workshop.databases.answers
        crashes = Crashes(self._place.logs, database_answers=answers)
        with self._step("wait-healthy") as step:
            while not is_complete(self._look_at_start()):
                waiting = [each.name for each in self.components if not each.is_healthy]
                step.describe(f"Waiting for {', '.join(waiting) or 'the supervisor'}.")
                crashes.judge(self.components)
                if time.monotonic() > deadline:
                    raise ProvisionerError(
                        f"Not healthy in time: {', '.join(waiting)}.",
                        remedy="Read the component logs, then try again.",
                    )
                self._pause(0.1)
            step.describe(f"Healthy: {', '.join(each.name for each in self.components)}.")

    def _look_at_start(self) -> tuple[Component, ...]:
        try:
            return self.look()
        except ConnectionError as error:
            lines = component_logs.tail(self._place.logs, "supervisor", lines=3)
            raise ProvisionerError(
                f"The process supervisor ended: {' '.join(lines)[-500:]}", remedy="Try again."
            ) from error

    def _wait_visible(self, plan: Plan, change: deploys.Change, step: Step) -> None:
        """Ask again when nothing moves: a full parse under way can swallow the request."""
        deadline = time.monotonic() + VISIBLE_WITHIN.total_seconds()
        before, moved_at = -1, time.monotonic()
        while missing := self._workshop.recipe.unseen(plan, change):
            step.describe(f"Waiting for {len(missing)} files: {', '.join(missing[:5])}.")
            if len(missing) != before:
                before, moved_at = len(missing), time.monotonic()
            if time.monotonic() > deadline:
                return step.describe(f"Not taken up in time: {', '.join(missing[:20])}.")
            if time.monotonic() - moved_at > STALLED_SECONDS:
                wanted = tuple(file for file in missing if file in change.changed)
                self._workshop.recipe.announce(plan, replace(change, changed=wanted))
                moved_at = time.monotonic()
            self._pause(0.1)
        return step.describe(f"{len(change.changed)} changed files are taken up.")

    # What the steps share

    def _has_database(self, template: str) -> bool:
        is_alike = self._record.template == template
        return is_alike and self._workshop.databases.has(self.database_name)

    @property
    def database_name(self) -> str:
        return f"airflow_{self._place.deployment_id}"

    def look(self) -> tuple[Component, ...]:
        """See how the components are; ConnectionError when their supervisor is gone."""
        mark, since = self._record.tree, self._record.started_at
        if mark is None or since is None:
            raise ConnectionError("no process tree was started")
        since = self._record.started_at = beats_count_from(since, datetime.now(UTC))
        states = self._tree.states(mark)
        health = self._workshop.recipe.health(self.plan(), since=since)
        self.components = components_of(states, health)
        return self.components

    def plan(self) -> Plan:
        record = self._record
        name, password = self.database_name, record.secrets.database_password
        return Plan(
            spec=self._spec,
            place=self._place,
            secrets=record.secrets,
            database_url=self._workshop.databases.url(name, password),
            first_port=record.first_port,
            uid=record.uid if record.is_isolated else 0,
        )

    def end_tree(self) -> None:
        record = self._record
        if not self._tree.end(record.tree, uid=record.uid):
            raise ProvisionerError(
                "Some processes of this Deployment do not end, even by force.",
                remedy="Look for processes that wait for a device (state D), then try again.",
            )
        record.tree, record.started_with, self.components = None, "", ()
        self._save()

    def _step(self, name: str) -> AbstractContextManager[Step]:
        self._check()
        return self._journal.step(name)

    def _pause(self, seconds: float) -> None:
        self._check()
        time.sleep(seconds)

    def _check(self) -> None:
        if self._is_superseded():
            raise SupersededError

    def _save(self) -> None:
        self._record.save(self._place.record)
