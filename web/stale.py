"""Forms that were open while somebody else saved: neither side's change is lost unseen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.forms import BaseForm, CharField, HiddenInput

from web.errors import Conflict

FIELD = "seen"


class Overtaken(Conflict):
    """Somebody saved while the asker edited."""


def seen(subject: object, names: Collection[str]) -> str:
    """The values that a form was drawn from, for its hidden field."""
    return json.dumps({name: getattr(subject, name) for name in sorted(names)})


def refuse_overwriting(subject: object, *, seen: str, wanted: Mapping[str, Any]) -> None:
    """Raise Overtaken, naming what stands there now, where `wanted` would undo somebody's change.

    `subject` is as it is now, `seen` what the asker was shown; without it nothing is refused.
    """
    then = _read(seen)
    now = {name: getattr(subject, name) for name in wanted if name in then}
    lost = {
        name: f"Meanwhile somebody set it to: {_said(value)}"
        for name, value in now.items()
        if value != then[name] and value != wanted[name]
    }
    if lost:
        raise Overtaken(
            "Somebody changed these settings while you edited them.",
            remedy="Your input is kept. Compare, then save again.",
            fields=lost,
        )


def watch(
    form: BaseForm, subject: object, names: Collection[str], *, is_locked: bool = False
) -> None:
    """Give the form its hidden field; lock the others for those who may only read them."""
    for field in form.fields.values():
        field.disabled = is_locked
    form.fields[FIELD] = CharField(
        required=False, widget=HiddenInput, initial=seen(subject, names), max_length=10_000
    )


def draw_anew(form: BaseForm, subject: object, names: Collection[str]) -> None:
    """After a refusal the asker sees what stands there now: the next save counts from that."""
    if not form.is_bound:
        return
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data[FIELD] = seen(subject, names)  # type: ignore[index]


def _read(seen: str) -> dict[str, Any]:
    try:
        found = json.loads(seen or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if value not in (None, "") else "nothing"
