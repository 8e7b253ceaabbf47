"""Everything that the author of a pipeline might try. Standard library and psycopg2 only.

Each attempt is a function that tries one target and must raise for each of them. The targets are
all that an attacker could ever find out: `targets.json`, one folder up.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

Attempt = Callable[[Any], object]
TARGETS: dict[str, Any] = json.loads(
    Path(__file__).parent.with_name("targets.json").read_text(encoding="utf-8")
)
ATTEMPTS: dict[str, tuple[Attempt, list[Any]]] = {}


class RefusedError(Exception):
    """It was not to be had."""


def attempt(targets: str | list[Any]) -> Callable[[Attempt], Attempt]:
    """Register a function, with its targets or their name."""
    found = targets if isinstance(targets, list) else TARGETS[targets]

    def register(function: Attempt) -> Attempt:
        ATTEMPTS[function.__name__] = function, found
        return function

    return register


def outcome(name: str) -> dict[str, Any]:
    """What succeeded, and how often each kind of refusal was met."""
    function, targets = ATTEMPTS[name]
    done: list[Any] = []
    refused: Counter[str] = Counter()
    words: set[str] = set()
    for target in targets:
        try:
            function(target)
        except Exception as error:  # noqa: BLE001 - the test judges which ones are right
            refused[type(error).__name__] += 1
            words.add(f"{str(target)[:100]}: {str(error)[:200]}")
        else:
            done.append(target)
    return {"done": done, "refused": refused, "words": sorted(words)[:10]}
