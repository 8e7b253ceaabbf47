"""Forms and services: what a service refuses comes back to the field it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.forms import BaseForm

from web.errors import Conflict, DomainError, InvalidInput

T = TypeVar("T")


def submit(form: BaseForm, act: Callable[[dict[str, Any]], T]) -> T | None:
    """Call `act` with the cleaned values; None when form or service refuses them.

    An InvalidInput or Conflict lands on the form, at its fields where it names them. Every other
    error is not the form's and goes on to the error page.
    """
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except (InvalidInput, Conflict) as refusal:
        put_back(form, refusal)
        return None


def accepted(form: BaseForm, act: Callable[[dict[str, Any]], object]) -> bool:
    """As `submit`, where only it counts whether `act` went through."""
    return submit(form, lambda values: (act(values),)) is not None


def put_back(form: BaseForm, refusal: DomainError) -> None:
    """Show a refusal on the form: at the fields it names, or above them."""
    known = {name: words for name, words in refusal.fields.items() if name in form.fields}
    for name, words in known.items():
        form.add_error(name, words)
    if not known:
        form.add_error(None, f"{refusal.cause} {refusal.remedy}".strip())


def status(form: BaseForm) -> int:
    """422 for a refused form, so that htmx swaps it; 200 otherwise."""
    return 422 if form.is_bound and form.errors else 200
