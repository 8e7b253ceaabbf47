"""Where this Airflow stands: its Deployment, its runtime and the deploy that is current."""

from __future__ import annotations

import os
from pathlib import Path


def setting(name: str) -> str:
    """One of the values that the console gives each component; empty when it gave none."""
    return os.environ.get(f"ASTRO_RUNTIME_{name}", "")


def dags_root() -> Path:
    return Path(setting("DAGS_ROOT"))


def current_version() -> str | None:
    """The deploy that the link `current` names now; None before the first."""
    try:
        return (dags_root() / "current").readlink().name
    except OSError:
        return None


def label() -> str:
    """Runtime and deploy as a person reads them, for example `Runtime 3.3-8 · deploy #41`.

    Read anew each time: a deploy switches without a restart.
    """
    return f"Runtime {setting('VERSION')} · {_deploy_label()}"


def _deploy_label() -> str:
    version = current_version()
    if version is None:
        return "no deploy yet"
    try:
        text = (dags_root() / "labels" / version).read_text(encoding="utf-8").strip()
    except OSError:
        text = ""
    return text or f"deploy {version}"
