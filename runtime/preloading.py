"""Which Airflows may be forked from a process that has loaded Airflow before, and from which.

Loading costs 3 to 5 s of processor time for each component; a fork of a loaded process costs
none. The code inside is `astro_runtime.preload`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from runtime.catalogue import RuntimeRelease
from runtime.configuration import airflow_environment
from runtime.settings import AirflowSettings

_READ_WHILE_LOADING = ("AIRFLOW__", "PYTHON", "LD_")
"""Dozens of options are; rather than list them per version, any of a Deployment's own counts."""


def can_fork(release: RuntimeRelease, *, base_url: str, variables: Iterable[str]) -> bool:
    """Whether a loaded process answers exactly as a fresh one would.

    Not on Airflow 2, whose web server starts programs of its own; not where the Deployment's own
    `variables` set an option of Airflow or Python, or where it serves below a path.
    """
    is_at_root = urlsplit(base_url).path in {"", "/"}
    is_free = not any(name.startswith(_READ_WHILE_LOADING) for name in variables)
    return release.airflow_major >= 3 and is_at_root and is_free


def parent_environment(
    release: RuntimeRelease, *, python: Path, plugin_path: Path, parallelism: int, home: Path
) -> dict[str, str]:
    """The environment in which the loading process runs: nothing of any one Deployment.

    Only the parallelism differs between parents, since it is read while modules load.
    """
    neutral = AirflowSettings(
        deployment_id="",
        namespace="nursery",
        runtime_version=release.version,
        home=home,
        dags_root=home,
        plugin_path=plugin_path,
        database_url="postgresql://nobody@127.0.0.1:1/nothing",
        base_url="http://localhost/",
        console_url="",
        port=0,
        worker_log_port=0,
        identity_issuer="",
        identity_public_key=home / "none.pem",
        sign_in_url="",
        fernet_key="",
        execution_secret="",
        webserver_secret="",
        parallelism=parallelism,
    )
    return airflow_environment(release, neutral, python=python)
