"""The spine of every write: right, transaction and audit row in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.db import models, transaction

from access.actor import Actor
from access.permissions import Permission
from access.policy import Refusal, require
from audit.record import Auditable, record, record_refusal, snapshot
from web.errors import NotFound
from web.prepared import Prepared

S = TypeVar("S", bound=models.Model)
R = TypeVar("R")
P = ParamSpec("P")


@dataclass(frozen=True)
class Action:
    name: str
    permission: Permission


registry: dict[str, Action] = {}
"""Every action there is, so that tests can hold it against the role matrix."""


def action(
    permission: Permission,
    *,
    creates: bool = False,
    also: Callable[[Any], Mapping[str, Any]] = lambda _: {},
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Make a service of a function whose first argument is what the right is asked on.

    The call needs `actor=`. In one transaction it locks the subject's row and reads it anew
    (unless it `creates` something below the subject), requires the right, runs, and writes one
    audit row `<room>.<function>` with before and after. No row, no action. A refusal, of the
    action's right (PermissionDenied) or of what it would hand on (ExceedsOwnRights), is recorded
    too, in a transaction of its own, by the innermost action. `also` tells what before and after
    say beyond the audited fields, for rows that hang on the subject.
    """

    def decorate(function: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        name = f"{function.__module__.split('.')[0]}.{function.__name__}"
        registry[f"{function.__module__}.{function.__name__}"] = Action(name, permission)

        @wraps(function)
        def call(subject: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            actor = cast("Actor", kwargs["actor"])
            try:
                require(actor, permission, cast("Any", subject))
                return act(subject, actor, args, kwargs)
            except Refusal as refusal:
                if not refusal.is_recorded:
                    record_refusal(actor, name, cast("Auditable", subject))
                    refusal.is_recorded = True
                raise

        def act(subject: S, actor: Actor, args: Any, kwargs: Any) -> R:
            with transaction.atomic():
                fresh = subject if creates else _locked(subject)
                before = {} if creates else {**snapshot(fresh), **also(fresh)}
                result = function(fresh, *args, **kwargs)
                target: Any = result if isinstance(result, Auditable) else fresh
                is_gone = isinstance(target, models.Model) and target.pk is None
                after = {} if is_gone else {**snapshot(target), **also(fresh)}
                shown = cast("Auditable", subject) if is_gone else target
                record(actor, name, shown, before=before, after=after)
            return result

        return call

    return decorate


@cache
def _rereading(model: type[S]) -> Prepared[S]:
    manager = model._base_manager
    return Prepared(lambda pk: manager.select_for_update(no_key=True).filter(pk=pk).order_by())


def _locked(subject: S) -> S:
    """The row as it is now, held until the transaction ends.

    What a model names in `lasting_relations` never changes for a row, nor does what it leads to;
    so it is not read a second time.
    """
    fresh: S | None = _rereading(type(subject)).first(subject.pk)
    if fresh is None:
        raise NotFound("It was deleted a moment ago.", remedy="Go back to the list.")
    known = subject._state.fields_cache
    for name in getattr(subject, "lasting_relations", ()):
        if name in known:
            fresh._state.fields_cache[name] = known[name]
    return fresh
