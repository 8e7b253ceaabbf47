"""The switches that stand in the rooms during a run: one guard at a time is off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from django.db.models import Q

FOLDER = "ASTRO_UI_MUTATIONS"
"""The variable that names the folder by which workers tell each other."""

known: set[str] = set()
"""Guards in modules that were loaded."""
passed: set[str] = set()
"""Guards that refused something to the running test; of queries, those that it came past."""
_off = ""
_ungranted: ContextVar[str] = ContextVar("ungranted", default="")
"""The right that the action which is being entered does not ask for."""


@contextmanager
def without(guard: str) -> Iterator[None]:
    global _off
    _off = guard
    forget()
    try:
        yield
    finally:
        _off = ""
        forget()


def forget() -> None:
    """Let the question for grants be put together anew, so that its conditions come by here."""
    import_module("access.grants")._question.cache_clear()


def off(guard: str) -> bool:
    return guard == _off


def requires(guard: str, ask: Callable[[], None]) -> None:
    """A call that refuses by raising."""
    if not off(guard):
        _refused(guard, ask)


def refuses(guard: str, refusal: Any) -> bool:
    """The condition of a refusal."""
    if refusal:
        passed.add(guard)
    return bool(refusal) and not off(guard)


def answers(guard: str, answer: Any) -> Any:
    """A yes or no."""
    if not answer:
        passed.add(guard)
    return answer or off(guard)


def narrows(guard: str, condition: Callable[[], Any]) -> Any:
    """A condition of a query; the text of the question for grants is made anew for each test."""
    passed.add(guard)
    return Q() if off(guard) else condition()


def action(guard: str, permission: str, decorate: Callable[..., Any]) -> Callable[..., Any]:
    """An action that, switched off, does not require its right."""
    actions = vars(import_module("access.actions"))
    if not hasattr(actions["require"], "is_switch"):
        actions["require"] = _required(actions["require"])

    def switched(function: Callable[..., Any]) -> Callable[..., Any]:
        guarded = decorate(function)

        def call(*args: Any, **kwargs: Any) -> Any:
            if not off(guard):
                return _noted(guard, permission, lambda: guarded(*args, **kwargs))
            token = _ungranted.set(permission)
            try:
                return guarded(*args, **kwargs)
            finally:
                _ungranted.reset(token)

        call.__name__, call.__doc__ = function.__name__, function.__doc__
        call.__module__ = function.__module__
        return call

    return switched


def seen(guard: str, rows: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """`visible_to`, `get_visible` and `shown`, which, switched off, hide nothing."""
    if name == "visible_to":
        passed.add(guard)
        return rows.filter() if off(guard) else rows.visible_to(*args, **kwargs)
    there = args[0] if name == "shown" else None
    found = (there or rows.filter(**kwargs).first()) if off(guard) else None
    return found or _refused(guard, lambda: getattr(rows, name)(*args, **kwargs))


def _refused(guard: str, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception:
        passed.add(guard)
        raise


def _noted(guard: str, permission: str, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception as refusal:
        if str(getattr(refusal, "permission", "")) == permission:
            passed.add(guard)
        raise


def _required(required: Callable[..., None]) -> Callable[..., None]:
    def require(actor: Any, permission: Any, subject: Any) -> None:
        if _ungranted.get() == str(permission):
            _ungranted.set("")
            return
        required(actor, permission, subject)

    require.is_switch = True  # type: ignore[attr-defined]
    return require
