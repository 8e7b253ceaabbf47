from __future__ import annotations

from typing import Any

from django.db import models


class NetworkField(models.CharField):  # type: ignore[type-arg]
    """A network such as `192.0.2.0/24`, which PostgreSQL can ask whether it holds an address."""

    def db_type(self, connection: Any) -> str:
        return "cidr"
