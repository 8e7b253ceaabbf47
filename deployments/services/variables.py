"""Environment variables of a Deployment's processes: plain and secret.

The value of a secret leaves the database only towards the backend: pages, API and audit see a
mask. Whoever sends a secret without a value keeps the stored one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from access.actions import action
from access.actor import Actor
from access.permissions import Permission
from audit.record import MASK
from deployments.lifecycle import Trigger
from deployments.models import Deployment, EnvironmentVariable, Operation
from deployments.services import wishes
from deployments.services.wishes import StaleForm
from runtime.reserved import reserved_reason
from web.errors import InvalidInput, NotFound

MOST_VARIABLES = 500
LONGEST_KEY = 255
LARGEST_VALUE = 64 * 1024
"""In bytes. Linux takes at most 128 KiB for one variable with its name."""
LARGEST_SUM = 1024**2
"""In bytes, of all names and values: a process starts with at most 2 MiB on Linux."""
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Variable:
    """One variable as somebody wants it; without a value the stored one is kept."""

    key: str
    value: str | None = field(repr=False)
    is_secret: bool = False


def shown(deployment: Deployment) -> dict[str, Any]:
    """The variables for the audit log: of a secret only when it was last set."""
    return {
        f"variable {row.key}": f"{MASK} set {row.updated_at:%Y-%m-%d %H:%M:%S.%f}"
        if row.is_secret
        else row.value[:500]
        for row in deployment.variables.all()
    }


@action(Permission.DEPLOYMENT_UPDATE, also=shown)
def replace_all(
    deployment: Deployment, variables: Sequence[Variable], *, loaded: str = "", actor: Actor
) -> Deployment:
    """Make `variables` the whole list; what is not in it goes. Restarts Airflow if it differs.

    `loaded` is the fingerprint of the variables that the asker saw: raises StaleForm when
    somebody changed them since. Raises InvalidInput for names that cannot be used, are reserved
    or stand twice, for values above 64 KiB, and for a missing value; Conflict where the status
    allows no change. Nothing is stored then.
    """
    if loaded and loaded != fingerprint(deployment):
        raise StaleForm()
    _store(deployment, variables, actor)
    return deployment


@action(Permission.DEPLOYMENT_UPDATE, also=shown)
def set_variable(deployment: Deployment, variable: Variable, *, actor: Actor) -> Deployment:
    """Add one, or change the one of this name. Raises as `replace_all`."""
    others = [each for each in stored(deployment) if each.key != variable.key]
    _store(deployment, [*others, variable], actor)
    return deployment


@action(Permission.DEPLOYMENT_UPDATE, also=shown)
def remove_variable(deployment: Deployment, key: str, *, actor: Actor) -> Deployment:
    """Take one away. Raises NotFound when there is none of this name."""
    left = [each for each in stored(deployment) if each.key != key]
    if len(left) == deployment.variables.count():
        raise NotFound(f"There is no variable {key} here.")
    _store(deployment, left, actor)
    return deployment


def fingerprint(deployment: Deployment) -> str:
    """What tells whether the variables are still those that somebody saw."""
    seen = [f"{row.key} {row.updated_at.isoformat()}" for row in deployment.variables.all()]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def stored(deployment: Deployment) -> list[Variable]:
    """What is there now, as a wish that keeps every secret; no secret's value is in it."""
    return [
        Variable(row.key, None if row.is_secret else row.value, is_secret=row.is_secret)
        for row in deployment.variables.all()
    ]


def check(variables: Sequence[Variable], kept: dict[str, EnvironmentVariable]) -> list[Variable]:
    """The wish with every kept value filled in. Raises InvalidInput naming each problem."""
    problems: dict[str, str] = {}
    filled: list[Variable] = []
    for variable in variables:
        problem = _problem(variable, kept.get(variable.key))
        if any(variable.key == earlier.key for earlier in filled):
            problem = "stands there twice."
        if problem:
            problems.setdefault(variable.key, problem)
        filled.append(_filled(variable, kept.get(variable.key)))
    if not problems:
        _check_sums(filled)
        return filled
    words = " ".join(f"{key or 'A variable'} {problem}" for key, problem in problems.items())
    raise InvalidInput(
        words,
        remedy="Correct it and save again. Nothing was changed.",
        fields={f"variable.{key}": f"{key} {problem}" for key, problem in problems.items()},
    )


def _problem(variable: Variable, before: EnvironmentVariable | None) -> str:
    if not _KEY.fullmatch(variable.key) or len(variable.key) > LONGEST_KEY:
        return "is no usable name: take letters, digits and _, not beginning with a digit."
    if reason := reserved_reason(variable.key):
        return f"is reserved. {reason}"
    if variable.value is None:
        return _why_not_kept(variable, before)
    if "\x00" in variable.value:
        return "holds a character that no variable can hold."
    if len(variable.value.encode()) > LARGEST_VALUE:
        return "is larger than 64 KiB."
    return ""


def _why_not_kept(variable: Variable, before: EnvironmentVariable | None) -> str:
    if before is None:
        return "needs a value."
    if before.is_secret and not variable.is_secret:
        return "was secret, so it needs a new value to become plain."
    return ""


def _filled(variable: Variable, before: EnvironmentVariable | None) -> Variable:
    if variable.value is not None or before is None:
        return variable
    return replace(variable, value=before.value)


def _check_sums(variables: Sequence[Variable]) -> None:
    if len(variables) > MOST_VARIABLES:
        raise InvalidInput(f"A Deployment has at most {MOST_VARIABLES} variables.")
    if sum(len(v.key) + len((v.value or "").encode()) for v in variables) > LARGEST_SUM:
        raise InvalidInput("All variables together are larger than 1 MiB.")


def store(deployment: Deployment, variables: Sequence[Variable]) -> bool:
    """Make `variables` the whole list; answer whether that changed something.

    Call it inside an action, and wish for the change. Raises as `replace_all`.
    """
    kept = {row.key: row for row in deployment.variables.all()}
    wanted = {each.key: each for each in check(variables, kept)}
    gone = kept.keys() - wanted.keys()
    changed = [each for each in wanted.values() if _differs(each, kept.get(each.key))]
    deployment.variables.filter(key__in=gone).delete()
    _write(deployment, changed, kept)
    return bool(gone or changed)


def _store(deployment: Deployment, variables: Sequence[Variable], actor: Actor) -> None:
    if store(deployment, variables):
        wishes.change(deployment, Trigger.CHANGE, kind=Operation.Kind.UPDATE, actor=actor)


def _differs(wanted: Variable, before: EnvironmentVariable | None) -> bool:
    return before is None or (wanted.value, wanted.is_secret) != (before.value, before.is_secret)


def _write(
    deployment: Deployment, changed: Iterable[Variable], kept: dict[str, EnvironmentVariable]
) -> None:
    for variable in changed:
        row = kept.get(variable.key) or EnvironmentVariable(deployment=deployment, key=variable.key)
        row.value, row.is_secret = variable.value or "", variable.is_secret
        row.save()
