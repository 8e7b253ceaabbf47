"""The REST API of a Deployment's Airflow: 2.x (`/api/v1`) and 3.x (`/api/v2`) as one client."""

from deployments.airflow.client import Airflow, DagList
from deployments.airflow.errors import AirflowRefused, AirflowSilent
from deployments.airflow.shapes import Dag, DagRun, ImportError_, LogEntry, TaskInstance

__all__ = [
    "Airflow",
    "AirflowRefused",
    "AirflowSilent",
    "Dag",
    "DagList",
    "DagRun",
    "ImportError_",
    "LogEntry",
    "TaskInstance",
]
