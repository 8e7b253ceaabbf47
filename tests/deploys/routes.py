"""Who may look at deploys, make them, go back, and see access and API tokens.

Source: the published role matrix; an author deploys, an operator rolls back, an owner has tokens.
"""

from __future__ import annotations

from tests.architecture.routes import Route, attached_token_routes, token_routes

_SEE = {"anonymous": 302, "wanda": 200, "oliver": 200, "olivia": 200}
_ETL = ("etl",)
_DEPLOY = ("etl", "shipped")
_OWN = {"anonymous": 302, "wanda": 403, "oliver": 403, "olivia": 200}

ROUTES = [
    Route("deployments:deploys", _SEE, args=_ETL),
    Route("deployments:deploy", _SEE, args=_DEPLOY),
    Route("deployments:deploy_diff", {"anonymous": 302}, args=_DEPLOY, note="of no file"),
    Route("deployments:deploy_download", {"anonymous": 302}, args=_DEPLOY, note="without files"),
    Route(
        "deployments:deploy_upload",
        {"anonymous": 302, "wanda": 400, "oliver": 400, "olivia": 400},
        method="POST",
        args=_ETL,
        note="without a file",
    ),
    Route("deployments:deploy_upload", {"anonymous": 302}, others=405, args=_ETL, note="GET"),
    Route("deployments:deploy_rollback", _SEE, args=_DEPLOY, note="what would change"),
    Route(
        "deployments:deploy_rollback",
        {"anonymous": 302, "wanda": 403, "oliver": 409, "olivia": 409},
        method="POST",
        args=_DEPLOY,
        note="its files are gone",
    ),
    Route("deployments:access", _SEE, args=_ETL),
    Route("deployments:access", _SEE, args=_ETL),
    *token_routes("deployments", _ETL, "pipeline_token", "DEPLOYMENT_ADMIN", _OWN),
    *attached_token_routes("deployments", _ETL, "pipeline_token", "DEPLOYMENT_ADMIN", _OWN),
]
