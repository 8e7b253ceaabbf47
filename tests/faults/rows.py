"""What the console's database says of its Deployments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg

from astro_ui.embedded import database_url

_ROW = """
SELECT d.status, d.status_reason, d.wish, d.is_settled, d.active_deploy_id, c.id, c.status,
       (SELECT count(*) FROM deployments_operation o
         WHERE o.deployment_id = d.id AND o.status = 'RUNNING')
  FROM deployments_deployment d LEFT JOIN deployments_deploy c ON c.id = d.current_deploy_id
 WHERE d.id = %s
"""
_HISTORY = """
SELECT d.status, d.is_settled, d.fence, d.generation, d.applied_generation, d.backend_state,
       (SELECT array_agg(s.target ORDER BY s.id) FROM deployments_statuschange s
         WHERE s.deployment_id = d.id),
       (SELECT array_agg(o.status ORDER BY o.id) FROM deployments_operation o
         WHERE o.deployment_id = d.id)
  FROM deployments_deployment d WHERE d.id = %s
"""


@dataclass(frozen=True)
class Row:
    """What the console's database says of a Deployment."""

    status: str
    reason: str
    wish: str
    is_settled: bool
    active_deploy: str
    current_deploy: str | None
    deploy_status: str | None
    running_operations: int


class Rows:
    def __init__(self, data: Path) -> None:
        self._data = data
        self._line: psycopg.Connection | None = None
        self._lock = Lock()

    def close(self) -> None:
        if self._line:
            self._line.close()

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """On a line of its own, which a fault may cut: then psycopg.Error, and a new one."""
        with self._lock:
            if self._line is None or self._line.broken:
                url = database_url(self._data)
                self._line = psycopg.connect(url, connect_timeout=5, autocommit=True)
            return self._line.execute(statement.encode(), values).fetchall()

    def of(self, deployment_id: str) -> Row:
        (found,) = self.query(_ROW, deployment_id)
        return Row(*found)

    def history(self, deployment_id: str) -> list[tuple[Any, ...]]:
        """All that workers ever wrote, as far as one could tell a difference."""
        return self.query(_HISTORY, deployment_id)

    def is_leased(self, deployment_id: str) -> bool:
        query = "SELECT 1 FROM deployments_deployment WHERE id = %s AND lease_until IS NOT NULL"
        return bool(self.query(query, deployment_id))
