"""Airflow 3: the dag-processor parses what a deploy changed, at once and without a miss.

Stock Airflow goes by file times alone, and queued files keep the folder of the deploy that was
current when they were queued. So a file that was waiting, or being parsed, while the deploy
switched counts as parsed; and after a roll-back, or a change of a shared module, nothing is newer
than its last parse. Here a switch compares the two deploys and queues what differs.
"""

from __future__ import annotations

import sys
import time
from collections import OrderedDict, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from astro_runtime.changes import changed_paths
from astro_runtime.place import current_version, dags_root

BUNDLE = "deploy"
_FULL_REFRESH_SECONDS = 60


def install() -> None:
    """Teach this process's dag-processor; again is harmless."""
    manager_class = sys.modules["airflow.dag_processing.manager"].DagFileProcessorManager
    original = manager_class._refresh_dag_bundles
    if getattr(original, "follows_deploys", False):
        return
    follower = Follower()

    def refresh(manager: Any, known_files: dict[str, set[Any]]) -> None:
        follower.refresh(manager, known_files, original)

    refresh.follows_deploys = True  # type: ignore[attr-defined]
    manager_class._refresh_dag_bundles = refresh


class Follower:
    """What one dag-processor must still parse because of a switch."""

    def __init__(self) -> None:
        self.owed: set[Path] = set()
        """Files that were being parsed from the old folder; parse them again afterwards."""
        self.last_refresh = 0.0

    def refresh(self, manager: Any, known_files: dict[str, set[Any]], original: Any) -> None:
        """Airflow's own refresh when there is something new, then what it forgets."""
        if self._is_quiet(manager):
            self._settle(manager, known_files)
            return
        before = manager._bundle_versions.get(BUNDLE)
        original(manager, known_files=known_files)
        self.last_refresh = time.monotonic()
        after = manager._bundle_versions.get(BUNDLE)
        if before and after and before != after:
            self._switch(manager, known_files.get(BUNDLE, set()), before, after)
        self._settle(manager, known_files)

    def _is_quiet(self, manager: Any) -> bool:
        """Nothing new: spare the database a write each second, and the log a line."""
        return (
            bool(manager._bundle_versions)
            and manager._bundle_versions.get(BUNDLE) == current_version()
            and not manager._force_refresh_bundles
            and time.monotonic() - self.last_refresh < _FULL_REFRESH_SECONDS
        )

    def _switch(self, manager: Any, files: set[Any], before: str, after: str) -> None:
        by_path = {file.rel_path: file for file in files}
        changed = changed_paths(
            dags_root() / "deploys" / before, dags_root() / "deploys" / after, set(by_path)
        )
        queue = list(manager._file_queue)
        kept = [file for file in queue if file in manager._callback_to_execute]
        waiting = [file.rel_path for file in queue if file not in manager._callback_to_execute]
        newest_first = sorted(changed, key=lambda path: _modified_at(by_path[path]), reverse=True)
        ordered = dict.fromkeys([*newest_first, *waiting])
        again = [by_path[path] for path in ordered if path in by_path]
        manager._file_queue = _like(manager._file_queue, [*kept, *again])
        self.owed |= {file.rel_path for file in [*manager._processors, *kept]}

    def _settle(self, manager: Any, known_files: dict[str, set[Any]]) -> None:
        if not self.owed:
            return
        busy = {file.rel_path for file in [*manager._processors, *manager._file_queue]}
        free = self.owed - busy
        again = [file for file in known_files.get(BUNDLE, set()) if file.rel_path in free]
        manager._add_files_to_queue(again, mode="front")
        self.owed -= free


def _modified_at(file: Any) -> float:
    try:
        return float(file.absolute_path.stat().st_mtime)
    except OSError:
        return 0.0


def _like(queue: Any, files: Iterable[Any]) -> Any:
    """Airflow 3.3 keeps its queue in an ordered dictionary, older ones in a deque."""
    return OrderedDict.fromkeys(files) if isinstance(queue, OrderedDict) else deque(files)
