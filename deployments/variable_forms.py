"""How people write environment variables: as rows of a table, or as lines of text.

A stored secret is shown as dots and never sent to a browser; dots, or an empty field, keep it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from audit.record import MASK
from deployments.models import Deployment
from deployments.services.variables import Variable, stored
from web.errors import InvalidInput

_SECRET = "secret "  # noqa: S105
_MOST_ROWS = 600


@dataclass(frozen=True)
class Row:
    """One row of the table form. `value` never holds a secret."""

    number: int
    key: str = ""
    value: str = field(default="", repr=False)
    is_secret: bool = False
    is_stored: bool = False
    is_removed: bool = False


@dataclass(frozen=True)
class Difference:
    """One variable that saving changes, with secrets masked."""

    label: str
    before: str
    after: str
    effect: str = ""


def rows(deployment: Deployment, *, blank: int = 3) -> list[Row]:
    """The stored variables, then some empty rows to add to."""
    found = [
        Row(number, each.key, each.value or "", each.is_secret, is_stored=True)
        for number, each in enumerate(stored(deployment))
    ]
    return found + [Row(len(found) + number) for number in range(blank)]


def rows_again(given: Mapping[str, str], known: Iterable[str]) -> list[Row]:
    """The rows as they were sent, for showing them again. Typed secrets are left out."""
    names = frozenset(known)
    return [
        Row(
            number,
            key,
            "" if _is_on(given, f"secret-{number}") else given.get(f"value-{number}", ""),
            _is_on(given, f"secret-{number}"),
            is_stored=key in names,
            is_removed=_is_on(given, f"remove-{number}"),
        )
        for number, key in _numbered(given)
    ]


def from_rows(given: Mapping[str, str]) -> list[Variable]:
    """The wish of the table form: rows without a name and removed ones are left out."""
    return [
        _from_row(given, number, key)
        for number, key in _numbered(given)
        if key and not _is_on(given, f"remove-{number}")
    ]


def _from_row(given: Mapping[str, str], number: int, key: str) -> Variable:
    # Browsers send every line break as two characters.
    value: str | None = given.get(f"value-{number}", "").replace("\r\n", "\n")
    is_secret = _is_on(given, f"secret-{number}")
    if is_secret and not value:
        value = None
    return Variable(key, value, is_secret=is_secret)


def _numbered(given: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    for number in range(_MOST_ROWS):
        key = given.get(f"key-{number}")
        if key is not None:
            yield number, key.strip()


def _is_on(given: Mapping[str, str], name: str) -> bool:
    return given.get(name) == "on"


def to_text(variables: Iterable[Variable]) -> str:
    """Lines of `KEY=value`, secrets as `secret KEY=` and dots.

    A value that a line cannot carry as it is stands in JSON quotes.
    """
    return "".join(
        f"{_SECRET if each.is_secret else ''}{each.key}={_written(each)}\n" for each in variables
    )


def _written(variable: Variable) -> str:
    if variable.value is None:
        return MASK
    value = variable.value
    is_plain = value == value.strip() and "\n" not in value and not value.startswith('"')
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def from_text(text: str) -> list[Variable]:
    """The wish of the text form. Raises InvalidInput naming the first line it cannot read."""
    return [
        _from_line(number, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]


def _from_line(number: int, line: str) -> Variable:
    is_secret = line.startswith(_SECRET)
    key, separator, value = line.removeprefix(_SECRET).partition("=")
    if not separator:
        raise InvalidInput(f"Line {number} is no variable.", remedy="Write KEY=value, one a line.")
    value = value.strip()
    if is_secret and value in {"", MASK}:
        return Variable(key.strip(), None, is_secret=True)
    return Variable(key.strip(), _unquoted(number, value), is_secret=is_secret)


def _unquoted(number: int, value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        read = json.loads(value)
    except ValueError:
        read = None
    if not isinstance(read, str):
        raise InvalidInput(
            f"The quotes of line {number} do not fit.",
            remedy='Write "…" with \\n for a line break and \\" for a quote.',
        )
    return read


def without_secrets(text: str) -> str:
    """Typed text for showing it again: what stands after a new secret is left out."""
    return "\n".join(
        f"{line.partition('=')[0]}={MASK if MASK in line else ''}"
        if line.lstrip().startswith(_SECRET)
        else line
        for line in text.splitlines()
    )


def differences(deployment: Deployment, wanted: Iterable[Variable]) -> list[Difference]:
    """What saving would change, in the order of names, with secrets masked."""
    before = {each.key: each for each in stored(deployment)}
    after = {each.key: each for each in wanted}
    return [
        _difference(key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if key and before.get(key) != after.get(key)
    ]


def _difference(key: str, before: Variable | None, after: Variable | None) -> Difference:
    if after is None:
        return Difference(key, _masked(before), "removed")
    new = f"{MASK} new value" if after.is_secret and after.value else _masked(after)
    return Difference(key, _masked(before), new)


def _masked(variable: Variable | None) -> str:
    if variable is None:
        return ""
    if variable.is_secret or variable.value is None:
        return MASK
    text = variable.value if len(variable.value) <= 120 else f"{variable.value[:120]}…"
    return text or "empty"
