"""Airflow 3: a DAG bundle whose versions are the console's deploys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles import base

from astro_runtime import follow_deploys
from astro_runtime.place import current_version, dags_root, setting


class DeployBundle(base.BaseDagBundle):
    """Serves `deploys/<version>/dags`. A run stays on the version that it began with.

    Between two refreshes the newest version stands still, so that one scan of the files never
    mixes two deploys.
    """

    supports_versioning = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._newest: str | None = None

    def initialize(self) -> None:
        """A task imports `include` from its own version, not from the current one."""
        if self.version:
            sys.path.insert(0, str(self.path.parent))
        super().initialize()

    @property
    def path(self) -> Path:
        return dags_root() / "deploys" / (self._wanted() or "none") / "dags"

    def get_current_version(self) -> Any:
        version = self._wanted()
        wrapper = getattr(base, "BundleVersion", None)  # since Airflow 3.3
        return version if version is None or wrapper is None else wrapper(version=version)

    def refresh(self) -> None:
        """Only a dag-processor calls it, so here that one learns to follow deploys."""
        follow_deploys.install()
        self._newest = current_version()

    def view_url_template(self) -> str | None:
        return setting("CONSOLE_URL") or None

    def _wanted(self) -> str | None:
        if self.version:
            return self.version
        if self._newest is None:
            self._newest = current_version()
        return self._newest
