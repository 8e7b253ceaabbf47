from __future__ import annotations

from web.errors import Conflict, Unavailable


class AirflowSilent(Unavailable):
    """No answer within the time limits, or one that is not Airflow's."""

    title = "Airflow does not answer"


class AirflowRefused(Conflict):
    """Airflow understood and said no; the cause is its own words."""

    title = "Airflow refused this"


class AirflowClosed(Conflict):
    """There is no Airflow to ask now: the Deployment sleeps or is not up yet."""

    title = "Airflow is not running"
