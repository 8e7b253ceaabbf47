from __future__ import annotations

from tests.architecture.routes import Route

READERS = {"anonymous": 302, "wanda": 200, "oliver": 200, "olivia": 200}
"""Who may see a Deployment of the Workspace; the others get 404."""
MEMBERS = {**READERS, "mia": 200, "bill": 200}
CREATORS = {"anonymous": 302, "wanda": 403, "oliver": 200, "olivia": 200}
OWNERS = {"anonymous": 302, "wanda": 403, "oliver": 403, "olivia": 200}
SIGNED_IN = {"anonymous": 302}

ROUTES = [
    Route("deployments:list", MEMBERS, args=("acme",)),
    Route("deployments:workspace_list", READERS, args=("science",)),
    Route(
        "deployments:switcher", SIGNED_IN, others=200, args=("science",), note="empty for strangers"
    ),
    Route("deployments:deleted", MEMBERS, args=("acme",)),
    Route("deployments:bulk", SIGNED_IN, others=400, note="nothing marked"),
    Route("deployments:create", CREATORS, args=("science",)),
    Route("deployments:create_anywhere", {**CREATORS, "mia": 403, "bill": 403}, args=("acme",)),
    Route("deployments:detail", READERS, args=("etl",)),
    Route("deployments:header", READERS, args=("etl",)),
    Route("deployments:events", READERS, args=("etl",)),
    Route("deployments:settings", READERS, args=("etl",)),
    Route("deployments:settings_preview", READERS, args=("etl",), method="POST"),
    Route("deployments:environment", READERS, args=("etl",)),
    Route("deployments:environment_preview", READERS, args=("etl",), method="POST"),
    Route("deployments:delete", READERS, args=("etl",)),
    Route(
        "deployments:delete",
        {"anonymous": 302, "wanda": 403, "oliver": 302, "olivia": 302},
        args=("etl",),
        data={"confirmation": "prod-etl"},
    ),
    *(
        Route(
            f"deployments:{gesture}",
            {"anonymous": 302, "wanda": 403, "oliver": status, "olivia": status},
            args=("etl",),
            method="POST",
        )
        for gesture, status in (("hibernate", 302), ("wake", 409), ("retry", 409))
    ),
    *(Route(f"deployments:{what}_give", OWNERS, args=("etl",)) for what in ("people", "teams")),
    Route("deployments:rights", READERS, args=("etl",)),
    Route("deployments:rights_who", READERS, args=("etl",)),
    Route("deployments:teams_grant", READERS, args=("etl", "crew")),
    Route(
        "deployments:teams_grant",
        OWNERS | {"olivia": 302},
        args=("etl", "crew"),
        method="POST",
        data={"role": "DEPLOYMENT_ADMIN"},
    ),
    Route(
        "deployments:teams_take",
        OWNERS | {"olivia": 302},
        args=("etl", "crew"),
        method="POST",
    ),
    Route(
        "deployments:people_grant", SIGNED_IN, args=("etl", "wanda"), note="has no role of her own"
    ),
    Route(
        "deployments:people_take",
        SIGNED_IN,
        args=("etl", "wanda"),
        method="POST",
        note="has no role of her own",
    ),
    Route("deployments:restore", SIGNED_IN, args=("etl",), method="POST", note="not deleted"),
    Route("deployments:operation", SIGNED_IN, args=("etl", "science"), note="no such operation"),
    Route("deployments:operations", SIGNED_IN, others=200),
    Route("deployments:tray_badge", SIGNED_IN, others=200),
]
