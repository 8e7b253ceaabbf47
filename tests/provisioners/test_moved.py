"""An Airflow without marks is known by where it works, though its folders lie behind a link."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.provisioners.local.processes import Mark, belonging

LOST = "clost0000000000000000"


@contextmanager
def unmarked(environments: Path, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program of an environment at work in a home."""
    program = environments / "sleep"
    shutil.copy("/bin/sleep", program)
    process = subprocess.Popen([program, "600"], cwd=home, env={}, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_belongs_to_its_deployment(tmp_path: Path) -> None:
    home = tmp_path / "disk/deployments" / LOST / "home"
    environments = tmp_path / "other-disk"
    for folder in (home, environments):
        folder.mkdir(parents=True)
    (tmp_path / "cluster").symlink_to(tmp_path / "disk")
    (tmp_path / "disk/environments").symlink_to(environments)
    cluster = tmp_path / "cluster"
    mark = Mark(LOST, cluster / "deployments" / LOST / "home", cluster / "environments")

    with unmarked(environments, home) as process:
        assert [each.pid for each in belonging(mark)] == [process.pid]
