"""A backend that runs nothing: the twin for tests, and for looking at pages without an Airflow.

Deterministic: each `observe` finishes one step of the work under way. It can be told to fail at
a step, to fall silent and to lose a component. A state that `pretends` a phase is believed, so that
demonstration data can stand in any process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from .base import (
    Capability,
    Component,
    DeploymentSpec,
    Executor,
    Failure,
    LogLine,
    LogQuery,
    Observation,
    Phase,
    ProvisionerError,
    State,
    StepReport,
    StepState,
)
from .inventory import Holding, Inventory

LABELS = {
    "build-environment": "Build the Python environment",
    "create-database": "Create the metadata database",
    "write-configuration": "Write the configuration",
    "fetch-deploy": "Fetch the deploy",
    "start-components": "Start the components",
    "wait-healthy": "Wait until every component is healthy",
    "switch-deploy": "Switch Airflow to the deploy",
    "stop-components": "Stop the components",
}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass
class _Deployment:
    spec: DeploymentSpec
    goal: Phase = Phase.ABSENT
    steps: list[StepReport] = field(default_factory=list)
    running: DeploymentSpec | None = None
    """What the components were started with, while they run."""
    active_deploy: str = ""
    failure: Failure | None = None
    lost: set[str] = field(default_factory=set)
    restarts: dict[str, int] = field(default_factory=dict)
    lines: list[LogLine] = field(default_factory=list)

    @property
    def is_working(self) -> bool:
        return any(step.state is StepState.PENDING for step in self.steps)


class MemoryProvisioner:
    """Keeps Deployments in this process; see the module for what tests can tell it."""

    capabilities = frozenset({Capability.COMPONENT_LOGS})
    deadline = timedelta(minutes=5)

    def __init__(self, *, problems: tuple[str, ...] = (), exposure: str = "") -> None:
        self._deployments: dict[str, _Deployment] = {}
        self._failures: dict[str, Failure] = {}
        self._problems = problems
        self._exposure = exposure
        self._is_silent = False
        self._clock = datetime(2026, 1, 1, tzinfo=UTC)

    # What tests can tell it

    def fail_at(self, step: str, failure: Failure | None) -> None:
        """Let every Deployment fail at `step` from now on; None makes it work again."""
        self._failures.pop(step, None)
        if failure:
            self._failures[step] = failure

    def fall_silent(self, is_silent: bool = True) -> None:  # noqa: FBT001, FBT002
        self._is_silent = is_silent

    def lose(self, state: State, component: str) -> None:
        """A component dies; the observation after the next shows it restarted."""
        self._deployments[state["deployment_id"]].lost.add(component)

    def say(self, state: State, component: str, text: str, level: str = "INFO") -> None:
        """Add a component log line."""
        deployment = self._deployments[state["deployment_id"]]
        cursor = f"{len(deployment.lines):08d}"
        deployment.lines.append(LogLine(cursor, self._tick(), component, level, text))

    # The contract

    def check(self) -> list[str]:
        return list(self._problems)

    def address(self, deployment_id: str) -> State:
        return {"deployment_id": deployment_id}

    def exposure(self) -> str:
        self._require_reachable()
        return self._exposure

    def apply(self, spec: DeploymentSpec, state: State) -> State:
        self._require_reachable()
        known = self._deployments.setdefault(spec.deployment_id, _Deployment(spec))
        _refuse_older(known, spec.generation)
        if not self._is_at(known, spec):
            known.spec, known.goal, known.failure = spec, Phase.RUNNING, None
            known.steps = [_pending(name) for name in _plan(known, spec)]
        return {"deployment_id": spec.deployment_id}

    def observe(self, state: State) -> Observation:
        if self._is_silent:
            return Observation(phase=Phase.UNREACHABLE, state=state)
        known = self._deployments.get(state.get("deployment_id", ""))
        if known is None:
            return _pretended(state)
        self._advance(known)
        return self._report(known, state)

    def stop(self, state: State, *, generation: int) -> State:
        return self._take_down(state, Phase.STOPPED, generation)

    def delete(self, state: State, *, generation: int) -> State:
        return self._take_down(state, Phase.ABSENT, generation)

    def purge(self, state: State) -> None:
        self._require_reachable()
        self._deployments.pop(state.get("deployment_id", ""), None)

    def inventory(self) -> Inventory:
        self._require_reachable()
        found = (_holding(key, known) for key, known in self._deployments.items())
        return Inventory(tuple(found))

    def logs(self, state: State, query: LogQuery) -> Iterator[LogLine]:
        self._require_reachable()
        known = self._deployments.get(state.get("deployment_id", ""))
        lines = [line for line in (known.lines if known else []) if _matches(line, query)]
        yield from lines[-query.limit :]

    # How the work goes on

    def _is_at(self, known: _Deployment, spec: DeploymentSpec) -> bool:
        is_same = known.spec == spec and known.goal is Phase.RUNNING
        return is_same and not known.failure and bool(known.steps)

    def _take_down(self, state: State, goal: Phase, generation: int) -> State:
        self._require_reachable()
        known = self._deployments.get(state.get("deployment_id", ""))
        if known is None:
            return {**state, "pretends": goal.value} if "pretends" in state else state
        _refuse_older(known, generation)
        known.spec = replace(known.spec, generation=generation)
        if known.goal is not goal:
            known.goal, known.failure = goal, None
            known.steps = [_pending("stop-components")] if known.running else []
        return state

    def _advance(self, known: _Deployment) -> None:
        position = next(
            (i for i, step in enumerate(known.steps) if step.state is StepState.PENDING), None
        )
        if position is None or known.failure:
            return
        step = known.steps[position]
        started, known.failure = self._tick(), self._failures.get(step.name)
        outcome = StepState.FAILED if known.failure else StepState.DONE
        known.steps[position] = replace(
            step, state=outcome, started_at=started, finished_at=self._tick()
        )
        if not known.failure:
            self._take_effect(known, step.name)

    def _take_effect(self, known: _Deployment, step: str) -> None:
        if step == "stop-components":
            known.running = None
        if step == "start-components":
            known.running, known.lost, known.restarts = known.spec, set(), {}
        if step in {"fetch-deploy", "switch-deploy"} and known.spec.deploy:
            known.active_deploy = known.spec.deploy.version

    def _report(self, known: _Deployment, state: State) -> Observation:
        components = _components(known)
        for name in known.lost:
            known.restarts[name] = known.restarts.get(name, 0) + 1
        known.lost.clear()
        phase = _phase(known, components)
        if phase is Phase.ABSENT:
            return Observation(phase=phase, state=state)
        return Observation(
            phase=phase,
            generation=known.spec.generation,
            steps=tuple(known.steps),
            components=components,
            failure=known.failure,
            endpoint="http://127.0.0.1:1" if known.running else "",
            active_deploy=known.active_deploy,
            state=state,
        )

    def _require_reachable(self) -> None:
        if self._is_silent:
            raise ProvisionerError("The memory backend does not answer.", remedy="Wake it.")

    def _tick(self) -> datetime:
        self._clock += timedelta(seconds=1)
        return self._clock


def _holding(deployment_id: str, known: _Deployment) -> Holding:
    spec = known.spec
    is_awake = known.goal is Phase.RUNNING
    return Holding(deployment_id, spec.cluster_id, spec.generation, is_awake=is_awake)


def _refuse_older(known: _Deployment, generation: int) -> None:
    if generation < known.spec.generation:
        raise ProvisionerError(
            f"generation {generation} is older than {known.spec.generation}", permanent=True
        )


def _plan(known: _Deployment, spec: DeploymentSpec) -> list[str]:
    if known.running and _without_deploy(known.running) == _without_deploy(spec):
        return ["fetch-deploy", "switch-deploy"] if spec.deploy else []
    stop = ["stop-components"] if known.running else []
    fetch = ["fetch-deploy"] if spec.deploy else []
    prepare = ["build-environment", "create-database", "write-configuration"]
    return [*prepare, *fetch, *stop, "start-components", "wait-healthy"]


def _without_deploy(spec: DeploymentSpec) -> DeploymentSpec:
    return replace(spec, deploy=None, generation=0)


def _pending(name: str) -> StepReport:
    return StepReport(name=name, label=LABELS[name], state=StepState.PENDING)


def _pretended(state: State) -> Observation:
    """What demonstration data says of itself; nothing otherwise."""
    phase = Phase(state.get("pretends", Phase.ABSENT))
    lost = "scheduler" if phase is Phase.DEGRADED else ""
    names = ("api-server", "scheduler", "dag-processor", "triggerer")
    is_up = phase in {Phase.RUNNING, Phase.DEGRADED}
    components = tuple(
        Component(name, is_healthy=name != lost, detail="exited" if name == lost else "running")
        for name in names
        if is_up
    )
    active = str(state.get("active_deploy", ""))
    return Observation(phase=phase, components=components, active_deploy=active, state=state)


def _phase(known: _Deployment, components: tuple[Component, ...]) -> Phase:
    if known.failure:
        return Phase.FAILED
    if known.is_working:
        return Phase.WORKING
    if known.goal is Phase.RUNNING and not all(each.is_healthy for each in components):
        return Phase.DEGRADED
    return known.goal


def _components(known: _Deployment) -> tuple[Component, ...]:
    if known.running is None:
        return ()
    names = ["api-server", "scheduler", "dag-processor", "triggerer"]
    if known.running.executor is Executor.CELERY:
        names.append("worker")
    return tuple(
        Component(
            name=name,
            is_healthy=name not in known.lost,
            detail="exited" if name in known.lost else "running",
            restarts=known.restarts.get(name, 0),
        )
        for name in names
    )


def _matches(line: LogLine, query: LogQuery) -> bool:
    return (
        (not query.components or line.component in query.components)
        and query.search.lower() in line.text.lower()
        and (not query.minimum_level or _rank(line.level) >= _rank(query.minimum_level))
        and (query.since is None or (line.at is not None and line.at >= query.since))
        and (query.until is None or (line.at is not None and line.at <= query.until))
        and line.cursor > query.after
    )


def _rank(level: str) -> int:
    return LEVELS.index(level.upper()) if level.upper() in LEVELS else 1
