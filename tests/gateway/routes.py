from __future__ import annotations

from tests.architecture.routes import Route

ROUTES = [
    Route(
        "deployments:open",
        {"anonymous": 302, "wanda": 503, "oliver": 503, "olivia": 503},
        args=("etl",),
        note="while it starts",
    ),
    Route(
        "deployments:airflow_sign_in",
        {},
        others=302,
        args=("etl",),
        note="back to the address itself, which may not exist",
    ),
    Route("deployments:airflow_authorize", {}, note="without a front proxy's key"),
]
