from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.second_factor import SECRET
from tests.web.listeners import Listener, listening


@pytest.fixture(autouse=True)
def _own_counters(settings: Settings) -> Iterator[None]:
    """Wrong passwords of one test are not counted in another."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def in_the_middle_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test straddles two steps of 30 s."""
    now = int(time.time()) // 30 * 30 + 15.0
    monkeypatch.setattr("time.time", lambda: now)


@pytest.fixture
def app(mia: User) -> Authenticator:
    """mia's authenticator app."""
    return TOTP.activate(mia, SECRET).instance


@pytest.fixture
def codes(mia: User, app: Authenticator) -> list[str]:
    """mia's recovery codes."""
    return list(RecoveryCodes.activate(mia).generate_codes())


@pytest.fixture
def receivers_here(settings: Settings, tmp_path: Path) -> None:
    """The log may be sent to this machine, and written to files."""
    settings.OUTGOING_NETWORKS = ["127.0.0.1"]
    settings.OUTGOING_HTTP = True
    settings.AUDIT_SINK_DIR = tmp_path / "sinks"
    settings.AUDIT_SINK_DIR.mkdir()


@pytest.fixture
def server() -> Iterator[Listener]:
    """An HTTP server that keeps what arrived."""
    with listening() as listener:
        yield listener
