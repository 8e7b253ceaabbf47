"""Whom a connection believes, and as whom it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

SKEW = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""


@dataclass(frozen=True)
class Trust:
    idp_entity_id: str
    sso_url: str
    slo_url: str
    certificates: tuple[str, ...]
    """PEM; a signature by any of them counts."""
    sp_entity_id: str
    acs_url: str
    sls_url: str
