"""Becomes the local cluster's agent, with the administrator's address in its environment only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from astro_ui.embedded import cluster_database_url
from astro_ui.environment import Environment

AGENT = "deployments.provisioners.local.agent"


def main() -> None:
    data = Path(os.environ["ASTRO_UI_DATA"])
    name = "ASTRO_UI_CLUSTER_DATABASE_URL"
    os.environ[name] = Environment().text(name) or cluster_database_url(data)
    module = os.environ.get("ASTRO_UI_AGENT_MODULE") or AGENT
    os.execv(sys.executable, [sys.executable, "-m", module])  # noqa: S606


if __name__ == "__main__":
    main()
