"""Airflow 2: the scheduler parses what a deploy changed, at once and without a miss.

Its parser goes by file times as that of Airflow 3 does, see `astro_runtime.follow_deploys`; files
are named through the link, so those that wait are read from the new deploy anyway.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from astro_runtime.changes import changed_paths
from astro_runtime.place import current_version, dags_root


def install() -> None:
    from airflow.dag_processing.manager import DagFileProcessorManager

    original = DagFileProcessorManager._refresh_dag_dir
    follower = Follower()

    def refresh(manager: Any) -> bool:
        return follower.refresh(manager, original)

    DagFileProcessorManager._refresh_dag_dir = refresh
    # Airflow 2.10 notes the folder behind the link with each DAG, and after a switch looks for
    # removed ones under the new folder only; from 2.11 on it notes the folder as configured
    DagFileProcessorManager.get_dag_directory = _directory


def _directory(manager: Any) -> str:
    return str(manager._dag_directory)


class Follower:
    def __init__(self) -> None:
        self.seen: str | None = None
        self.owed: set[str] = set()
        """Files that were being parsed during a switch; parse them again afterwards."""

    def refresh(self, manager: Any, original: Any) -> bool:
        """Airflow's own refresh, at once after a switch, then what it forgets."""
        before, self.seen = self.seen, current_version()
        is_switched = before is not None and self.seen not in (None, before)
        if is_switched:
            manager.last_dag_dir_refresh_time = datetime.fromtimestamp(0, tz=UTC)
        is_refreshed = bool(original(manager))
        if is_switched:
            self._switch(manager, str(before), str(self.seen))
        self._settle(manager)
        return is_refreshed

    def _switch(self, manager: Any, before: str, after: str) -> None:
        root = Path(manager._dag_directory)
        paths = {Path(path).relative_to(root): path for path in manager._file_paths}
        deploys = dags_root() / "deploys"
        changed = changed_paths(deploys / before, deploys / after, set(paths))
        front = sorted((paths[each] for each in changed), key=_modified_at, reverse=True)
        waiting = [path for path in manager._file_path_queue if path not in front]
        manager._file_path_queue = deque([*front, *waiting])
        self.owed |= set(manager._processors)

    def _settle(self, manager: Any) -> None:
        free = self.owed - set(manager._processors)
        if again := sorted(free & set(manager._file_paths)):
            manager._add_paths_to_queue(again, add_at_front=True)
        self.owed -= free


def _modified_at(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return 0.0
