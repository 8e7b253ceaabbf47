"""The DAG of both first journeys, by browser and by script."""

from __future__ import annotations

_DAG = '''\
"""A small airflow dag."""
{imports}


@dag(schedule=None, start_date=datetime(2026, 1, 1), tags=["demo"])
def hello():
    @task
    def greet():
        print("{words}")

    greet()


hello()
'''
_IMPORTS = {
    3: "from datetime import datetime\nfrom airflow.sdk import dag, task",
    2: "from datetime import datetime\nfrom airflow.decorators import dag, task",
}


def hello(words: str, *, major: int = 3) -> str:
    """`dags/hello.py`, whose one task prints `words`, for a major version of Airflow."""
    return _DAG.format(imports=_IMPORTS[major], words=words)
