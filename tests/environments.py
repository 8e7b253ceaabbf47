"""Airflow environments that all tests share: to build one takes half a minute."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from tempfile import gettempdir


def shared() -> Path:
    """`ASTRO_UI_TEST_ENVIRONMENTS`, or a folder of this user that is kept between runs.

    Not in the home: that is closed to the users that the tests' Airflows run as.
    """
    default = Path(gettempdir()) / f"astro-ui-test-environments-{os.geteuid()}"
    folder = Path(os.environ.get("ASTRO_UI_TEST_ENVIRONMENTS", default))
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    assert is_ours or folder != default, f"{folder} belongs to somebody else: remove it"
    return folder


def share(cluster: Path) -> None:
    """Have a local cluster whose folder is `cluster` take its environments from there."""
    cluster.mkdir(mode=0o711, exist_ok=True)
    environments = cluster / "environments"
    if environments.is_dir():
        environments.rmdir()
    environments.symlink_to(shared())
