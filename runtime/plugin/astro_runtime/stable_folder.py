"""Airflow 2.10: DAGs of a removed file go although a deploy switched a link.

Its scheduler notes the folder behind the link with each DAG and later looks for removed ones under
the new folder only. From 2.11 on it notes the folder as configured.
"""

from __future__ import annotations

from typing import Any


def install() -> None:
    from airflow import __version__

    if __version__.startswith("2.10."):
        from airflow.dag_processing.manager import DagFileProcessorManager

        DagFileProcessorManager.get_dag_directory = _directory


def _directory(manager: Any) -> str:
    return str(manager._dag_directory)
