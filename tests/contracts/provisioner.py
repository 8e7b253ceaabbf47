"""What every backend promises. Each backend's test module subclasses `ProvisionerContract`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployments.provisioners.base import (
    DeploySource,
    EnvironmentVariable,
    LogQuery,
    Observation,
    Phase,
    ProvisionerError,
    State,
    StepState,
)
from tests.contracts.bench import NOTHING, Bench, MakeBench


def project(root: Path, version: str, **files: str) -> DeploySource:
    """An unpacked project whose `dags/` holds one file for each keyword."""
    folder = root / version
    (folder / "dags").mkdir(parents=True)
    for name, text in files.items():
        (folder / "dags" / f"{name}.py").write_text(text, encoding="utf-8")
    return DeploySource(version=version, path=folder, label=f"deploy #{version}")


@dataclass(frozen=True)
class Running:
    """A Deployment that runs as wished, for tests that change nothing of it."""

    bench: Bench
    state: State
    first: Observation


class ProvisionerContract:
    """Subclasses offer the fixture `make_bench`: a context with a Bench of a new Deployment."""

    @pytest.fixture
    def bench(self, make_bench: MakeBench) -> Iterator[Bench]:
        with make_bench() as bench:
            yield bench

    def test_fit_settings_have_no_problem(self, bench: Bench) -> None:
        assert [each for each in bench.provisioner.check() if each.startswith("Error")] == []

    def test_a_silent_backend_does_not_claim_to_isolate(self, bench: Bench) -> None:
        assert isinstance(bench.provisioner.exposure(), str)
        bench.silence()

        with pytest.raises(ProvisionerError):
            bench.provisioner.exposure()

    def test_nothing_is_absent(self, bench: Bench) -> None:
        assert bench.provisioner.observe(NOTHING).phase is Phase.ABSENT

    def test_apply_answers_at_once_and_the_deployment_then_runs(self, bench: Bench) -> None:
        before = time.monotonic()
        state = bench.provisioner.apply(bench.spec, NOTHING)
        assert time.monotonic() - before < 2

        seen = bench.settle(state)

        assert seen.phase is Phase.RUNNING, seen
        assert seen.generation == bench.spec.generation
        assert seen.failure is None
        assert seen.endpoint.startswith("http://")
        assert not seen.endpoint.endswith("/")
        assert len(seen.components) >= 3
        assert all(each.is_healthy for each in seen.components)

    def test_an_older_wish_is_refused(self, bench: Bench) -> None:
        state, _ = bench.run(replace(bench.spec, generation=5))

        with pytest.raises(ProvisionerError) as refusal:
            bench.provisioner.apply(replace(bench.spec, generation=4), state)

        assert refusal.value.permanent
        assert bench.provisioner.observe(state).generation == 5

    def test_a_changed_setting_restarts_with_it(self, bench: Bench) -> None:
        state, _ = bench.run(bench.spec)
        variables = (EnvironmentVariable("COLOUR", "100% 'blue'"),)

        _, seen = bench.run(replace(bench.spec, generation=9, environment=variables), state)

        assert "start-components" in [step.name for step in seen.steps]

    def test_hibernate_and_wake(self, bench: Bench) -> None:
        state, _ = bench.run(bench.spec)

        state = bench.provisioner.stop(state, generation=2)
        asleep = bench.settle(state)
        assert asleep.phase is Phase.STOPPED
        assert asleep.components == ()
        assert asleep.endpoint == ""

        state = bench.provisioner.stop(state, generation=2)
        assert bench.settle(state).phase is Phase.STOPPED

        bench.run(replace(bench.spec, generation=3), state)

    def test_the_latest_wish_wins_in_the_middle_of_work(self, bench: Bench) -> None:
        state = bench.provisioner.apply(bench.spec, NOTHING)
        state = bench.provisioner.stop(state, generation=1)
        assert bench.settle(state).phase is Phase.STOPPED

        bench.run(bench.spec, state)

    def test_who_was_overtaken_changes_nothing(self, bench: Bench) -> None:
        state, _ = bench.run(replace(bench.spec, generation=5))

        for late in (bench.provisioner.stop, bench.provisioner.delete):
            with pytest.raises(ProvisionerError):
                late(state, generation=4)
        assert bench.provisioner.observe(state).phase is Phase.RUNNING

        state = bench.provisioner.delete(state, generation=6)
        with pytest.raises(ProvisionerError):
            bench.provisioner.apply(replace(bench.spec, generation=5), state)
        assert bench.settle(state).phase is Phase.ABSENT

    def test_what_a_dying_caller_began_can_be_taken_down(self, bench: Bench) -> None:
        bench.provisioner.apply(bench.spec, NOTHING)

        state = bench.provisioner.address(bench.spec.deployment_id)
        state = bench.provisioner.delete(state, generation=2)

        assert bench.settle(state).phase is Phase.ABSENT

    def test_deleted_can_come_back_until_it_is_purged(self, bench: Bench) -> None:
        state, _ = bench.run(bench.spec)
        for _ in range(2):
            state = bench.provisioner.delete(state, generation=2)
            assert bench.settle(state).phase is Phase.ABSENT

        bench.run(replace(bench.spec, generation=3), state)

    def test_purge_forgets_even_the_generation(self, bench: Bench) -> None:
        state, _ = bench.run(replace(bench.spec, generation=7))
        state = bench.provisioner.delete(state, generation=7)
        bench.settle(state)

        for _ in range(2):
            bench.provisioner.purge(state)

        assert bench.provisioner.observe(state).phase is Phase.ABSENT
        bench.run(replace(bench.spec, generation=1))

    def test_taking_down_what_never_was_is_success(self, bench: Bench) -> None:
        never = bench.provisioner.address(bench.spec.deployment_id)
        for state in (NOTHING, never):
            assert bench.provisioner.stop(state, generation=1) == state
            assert bench.provisioner.delete(state, generation=2) == state
            bench.provisioner.purge(state)

    def test_a_deploy_alone_restarts_nothing(self, bench: Bench, tmp_path: Path) -> None:
        state, first = bench.run(bench.spec)
        assert first.active_deploy == ""
        one, two = (project(tmp_path, version, hello="x = 1") for version in ("v1", "v2"))

        for generation, deploy in enumerate((one, two, one), start=10):
            spec = replace(bench.spec, generation=generation, deploy=deploy)
            _, seen = bench.run(spec, state)

            assert seen.active_deploy == deploy.version
            assert seen.components == first.components
            assert "start-components" not in [step.name for step in seen.steps]

    def test_a_deploy_from_the_start(self, bench: Bench, tmp_path: Path) -> None:
        spec = replace(bench.spec, deploy=project(tmp_path, "v1", hello="x = 1"))

        assert bench.run(spec)[1].active_deploy == "v1"

    def test_a_failure_is_readable_and_the_same_wish_retries(self, bench: Bench) -> None:
        bench.break_work()
        state = bench.provisioner.apply(bench.spec, NOTHING)
        seen = bench.settle(state)
        assert seen.phase is Phase.FAILED
        assert seen.failure is not None
        assert seen.failure.cause
        assert seen.failure.remedy
        assert [step.state for step in seen.steps].count(StepState.FAILED) == 1

        bench.mend_work()
        bench.run(bench.spec, state)

    def test_a_lost_component_comes_back(self, bench: Bench) -> None:
        state, _ = bench.run(bench.spec)

        bench.kill_component(state, "scheduler")

        def is_back(seen: Observation) -> bool:
            restarts = {each.name: each.restarts for each in seen.components}
            return seen.phase is Phase.RUNNING and restarts.get("scheduler") == 1

        bench.observe_until(state, is_back, "running after one restart")

    def test_silence_is_unreachable_and_never_an_error(self, bench: Bench) -> None:
        state, _ = bench.run(bench.spec)
        bench.silence()

        assert bench.provisioner.observe(state).phase is Phase.UNREACHABLE
        with pytest.raises(ProvisionerError) as refusal:
            bench.provisioner.apply(bench.spec, state)
        assert not refusal.value.permanent
        assert refusal.value.remedy


class RunningContract:
    """What holds of one that runs: one Deployment for all, since nothing here changes it.

    Subclasses offer `make_bench` as those of ProvisionerContract do.
    """

    @pytest.fixture(scope="class")
    @classmethod
    def running(cls, make_bench: MakeBench) -> Iterator[Running]:
        with make_bench() as bench:
            yield Running(bench, *bench.run(bench.spec))

    def test_every_step_is_named_and_timed(self, running: Running) -> None:
        seen = running.first
        names = [step.name for step in seen.steps]
        assert {"build-environment", "create-database", "start-components"} <= set(names)
        assert len(set(names)) == len(names)
        for step in seen.steps:
            assert step.label
            assert step.state in {StepState.DONE, StepState.SKIPPED}
            if step.state is StepState.DONE:
                assert step.started_at is not None
                assert step.finished_at is not None
                assert step.started_at <= step.finished_at

    def test_state_is_json_and_enough_for_another_process(self, running: Running) -> None:
        again = json.loads(json.dumps(running.state))

        assert running.bench.provisioner.observe(again).phase is Phase.RUNNING

    def test_the_same_wish_again_changes_nothing(self, running: Running) -> None:
        _, again = running.bench.run(running.bench.spec, running.state)

        assert again.components == running.first.components

    def test_a_crashed_caller_may_apply_again_without_the_state(self, running: Running) -> None:
        again, second = running.bench.run(running.bench.spec, NOTHING)

        assert again == running.state
        assert second.endpoint == running.first.endpoint

    def test_logs_are_filtered_and_continue_after_a_cursor(self, running: Running) -> None:
        bench, state = running.bench, running.state
        bench.say(state, "First NEEDLE")
        bench.say(state, "second needle")
        search = LogQuery(search="needle")

        def texts(query: LogQuery) -> list[str]:
            lines = list(bench.provisioner.logs(state, query))
            assert len(lines) <= query.limit
            return [line.text for line in lines]

        end = time.monotonic() + bench.deadline.total_seconds()
        while len(texts(search)) < 2:
            assert time.monotonic() < end, "the lines never came"
        first, second = bench.provisioner.logs(state, search)
        assert "First NEEDLE" in first.text
        assert "second needle" in second.text
        assert texts(replace(search, limit=1)) == [second.text]
        assert texts(replace(search, after=first.cursor)) == [second.text]
        assert texts(replace(search, after=second.cursor)) == []
        assert texts(replace(search, components=("nobody",))) == []
        assert texts(replace(search, minimum_level="ERROR")) == []
        assert texts(replace(search, since=datetime.now(UTC) + timedelta(days=999))) == []
        assert texts(replace(search, until=datetime(2000, 1, 1, tzinfo=UTC))) == []
