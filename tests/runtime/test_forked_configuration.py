"""What a forked component of Airflow 3 reads anew: nothing of the loading process stays in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runtime import catalogue, environment, preloading, pythons
from tests import environments

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

_CHILD = """
import os, sys
from astro_runtime import preload
preload.preload()
home = os.environ["AIRFLOW_HOME"] = sys.argv[1]
os.environ["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH"] = home + "/bundles"
preload._configure()
from airflow.dag_processing.bundles import base
print(base.get_bundle_tracking_dir("deploy"))
"""


def test_versions_of_bundles_are_tracked_in_its_own_home(tmp_path: Path) -> None:
    """Airflow works that folder out while it loads, and cannot enter the loading process's."""
    release = catalogue.get("3.3-8")
    choice = pythons.find_python(release, shared=False)
    assert choice.path, choice.reason
    root = environments.shared()
    built = environment.ensure(release, python=choice.path, root=root, log=lambda _: None)
    python, nursery, home = built / "bin/python", tmp_path / "nursery", tmp_path / "home"
    for folder in (nursery, home):
        folder.mkdir()
    variables = preloading.parent_environment(
        release,
        python=python,
        plugin_path=environment.install_plugin(root),
        parallelism=4,
        home=nursery,
    )

    done = subprocess.run(
        [str(python), "-c", _CHILD, str(home)],
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert done.stdout.split()[-1] == f"{home}/bundles/_tracking/deploy"
