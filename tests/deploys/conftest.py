from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from deployments.models import Deploy, Deployment
from deployments.services import deploys
from tests import factories
from tests.deploys.packing import on_disk, tar_gz

Deployer = Callable[..., Deploy]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return Path(settings.DATA_DIR)


@pytest.fixture
def ship(etl: Deployment, olivia: User, tmp_path: Path) -> Deployer:
    """Deploy files to prod-etl as olivia."""

    def call(files: dict[str, bytes], description: str = "") -> Deploy:
        archive = on_disk(tmp_path, tar_gz(files))
        owner = factories.actor(olivia)
        return deploys.hand_over(etl, archive, description=description, actor=owner)

    return call


@pytest.fixture
def browser(olivia: User) -> Client:
    client = Client()
    client.force_login(olivia)
    return client
