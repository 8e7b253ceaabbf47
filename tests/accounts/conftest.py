from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.second_factor import SECRET


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
