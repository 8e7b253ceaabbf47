"""Why something is hidden from those whom it belongs to; to everybody else it is just not there.

Rooms further up register what they know in their app's `ready()`; it is asked only after a miss.
"""

from __future__ import annotations

from collections.abc import Callable

from access.actor import Actor
from web.errors import DomainError

Explainer = Callable[[Actor, str], DomainError | None]
"""From who asks and the Organization of what was asked for, to the reason; None: no word of it."""

_explainers: list[Explainer] = []


def explains(explainer: Explainer) -> None:
    """Have `explainer` asked why a row of an Organization is hidden from somebody."""
    if explainer not in _explainers:
        _explainers.append(explainer)


def explanation(actor: Actor, organization_id: str) -> DomainError | None:
    """The first reason that somebody gives."""
    found = (explainer(actor, organization_id) for explainer in _explainers)
    return next((each for each in found if each is not None), None)
