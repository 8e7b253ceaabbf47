from __future__ import annotations

from tests.accounts.conftest import _own_counters
from tests.deployments.conftest import new, running

__all__ = ["_own_counters", "new", "running"]
