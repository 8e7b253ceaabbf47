"""Which Airflows may be forked from a loaded process: those that cannot tell the difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime import catalogue, preloading

AT_ROOT = "http://calm-comet-1.localhost:8000/"


@pytest.mark.parametrize(
    ("version", "base_url", "variables", "is_possible"),
    [
        ("3.3-8", AT_ROOT, ["GREETING", "AIRFLOW_VAR_X"], True),
        ("3.1-21", AT_ROOT, [], True),
        ("13.11.0", AT_ROOT, [], False),
        ("3.3-8", "http://localhost:8000/calm-comet-1/", [], False),
        ("3.3-8", AT_ROOT, ["AIRFLOW__SCHEDULER__NUM_RUNS"], False),
        ("3.3-8", AT_ROOT, ["PYTHONHASHSEED"], False),
        ("3.3-8", AT_ROOT, ["LD_PRELOAD"], False),
    ],
)
def test_fork_is_possible_only_without_own_options(
    version: str, base_url: str, variables: list[str], is_possible: bool
) -> None:
    release = catalogue.get(version)

    answer = preloading.can_fork(release, base_url=base_url, variables=variables)

    assert answer is is_possible


def test_the_loading_process_knows_nothing_of_any_deployment() -> None:
    environment = preloading.parent_environment(
        catalogue.get("3.3-8"),
        python=Path("/env/bin/python"),
        plugin_path=Path("/env/plugin"),
        parallelism=8,
        home=Path("/run/nursery"),
    )

    assert environment["AIRFLOW__CORE__PARALLELISM"] == "8"
    assert environment["AIRFLOW__CORE__FERNET_KEY"] == ""
    assert "AIRFLOW__API_AUTH__JWT_SECRET" not in environment
    assert environment["AIRFLOW_HOME"] == "/run/nursery"
