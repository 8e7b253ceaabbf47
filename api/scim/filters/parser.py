"""The grammar of filters and of PATCH paths, read by recursive descent (RFC 7644, figures 1, 7).

Operators and the words `and`, `or`, `not` count in any letter case.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NoReturn, cast

from api.scim.errors import InvalidFilter, InvalidPath
from api.scim.filters.tree import Comparison, Joined, Literal, Node, Not, Within
from api.scim.reading import is_storable

LONGEST = 8_000
"""Characters."""
DEEPEST = 20
MOST_TERMS = 100
MOST_TERMS_OF_PATH = 10
_OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>[()\[\]])
      | (?P<text>"(?:[^"\\\x00-\x1f]|\\.)*")
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.:$-]))
      | (?P<word>[A-Za-z$][\w:.$-]*)
    )""",
    re.VERBOSE,
)
_PATH = re.compile(r"(?P<path>[A-Za-z$][\w:.$-]*)\s*(?P<rest>.*)", re.DOTALL)
_WORDS: dict[str, Literal] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Path:
    """Where a PATCH operation points: `emails[type eq "work"].value`."""

    path: str
    condition: Node | None = None
    sub: str = ""


def parse(text: str) -> Node:
    """Read a filter. Raises InvalidFilter, which says where reading stopped."""
    reader = _Reader(text)
    found = reader.either(0)
    reader.finish()
    return found


def parse_path(text: str) -> Path:
    """Read a path. Raises InvalidPath."""
    matched = _PATH.fullmatch(text.strip())
    if matched is None or len(text) > LONGEST:
        raise InvalidPath("The path is not an attribute's.", remedy='For example: "userName".')
    path, rest = matched["path"], matched["rest"]
    if not rest:
        return Path(path)
    try:
        reader = _Reader(rest, most_terms=MOST_TERMS_OF_PATH)
        condition = reader.brackets(0)
        sub = reader.sub_attribute()
    except InvalidFilter as error:
        raise InvalidPath(error.cause, remedy=error.remedy) from None
    return Path(path, condition, sub)


class _Reader:
    def __init__(self, text: str, *, most_terms: int = MOST_TERMS) -> None:
        if len(text) > LONGEST:
            raise InvalidFilter(
                f"The filter has more than {LONGEST:,} characters.", remedy="Ask for less at once."
            )
        self._text = text
        self._at = 0
        self._terms = 0
        self._most_terms = most_terms

    def either(self, depth: int) -> Node:
        return self._joined("or", depth)

    def finish(self) -> None:
        if self._text[self._at :].strip():
            self._fail("and, or, or its end")

    def brackets(self, depth: int) -> Node:
        self._expect("[")
        inner = self.either(depth + 1)
        self._expect("]")
        return inner

    def sub_attribute(self) -> str:
        """What may follow brackets in a path: nothing, or `.value`."""
        rest = self._text[self._at :].strip()
        if not rest:
            return ""
        if not re.fullmatch(r"\.[A-Za-z$][\w$-]*", rest):
            self._fail("a dot and the name of a part")
        return rest[1:]

    def _joined(self, word: str, depth: int) -> Node:
        if depth > DEEPEST:
            raise InvalidFilter(
                f"The filter is nested deeper than {DEEPEST} levels.", remedy="Ask for less."
            )
        read = self._term if word == "and" else lambda level: self._joined("and", level)
        parts = [read(depth)]
        while self._take_word(word):
            parts.append(read(depth))
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _term(self, depth: int) -> Node:
        self._terms += 1
        if self._terms > self._most_terms:
            raise InvalidFilter(
                f"The filter compares more than {self._most_terms} times.", remedy="Ask in parts."
            )
        if self._take_mark("("):
            return self._group(depth)
        name = self._word("the name of an attribute")
        if name.lower() == "not" and self._take_mark("("):
            return Not(self._group(depth))
        if self._peek("mark") == "[":
            return Within(name, self.brackets(depth))
        return self._comparison(name)

    def _group(self, depth: int) -> Node:
        inner = self.either(depth + 1)
        self._expect(")")
        return inner

    def _comparison(self, name: str) -> Comparison:
        operator = self._word("an operator").lower()
        if operator == "pr":
            return Comparison(name, operator)
        if operator not in _OPERATORS:
            raise InvalidFilter(
                f"{operator[:20]} is no operator.",
                remedy="Use eq, ne, co, sw, ew, gt, ge, lt, le or pr.",
            )
        return Comparison(name, operator, self._literal())

    def _literal(self) -> Literal:
        matched = self._match()
        if matched is None or matched["mark"]:
            self._fail("a value")
        self._at = matched.end()
        if matched["word"]:
            return self._named(matched["word"])
        try:
            value = cast("Literal", json.loads(matched["text"] or matched["number"]))
        except ValueError:
            self._fail("a JSON value")
        if isinstance(value, str) and not is_storable(value):
            raise InvalidFilter("The value holds characters that no text has.", remedy="Drop them.")
        return value

    def _named(self, word: str) -> Literal:
        if word.lower() not in _WORDS:
            raise InvalidFilter(
                f"{word[:40]} is no value.", remedy="Put a text between double quotes."
            )
        return _WORDS[word.lower()]

    def _word(self, wanted: str) -> str:
        matched = self._match()
        if matched is None or not matched["word"]:
            self._fail(wanted)
        self._at = matched.end()
        return matched["word"]

    def _take_word(self, word: str) -> bool:
        if self._peek("word").lower() != word:
            return False
        self._word(word)
        return True

    def _take_mark(self, mark: str) -> bool:
        if self._peek("mark") != mark:
            return False
        self._expect(mark)
        return True

    def _expect(self, mark: str) -> None:
        matched = self._match()
        if matched is None or matched["mark"] != mark:
            self._fail(mark)
        self._at = matched.end()

    def _peek(self, group: str) -> str:
        matched = self._match()
        return (matched[group] or "") if matched else ""

    def _match(self) -> re.Match[str] | None:
        return _TOKEN.match(self._text, self._at)

    def _fail(self, wanted: str) -> NoReturn:
        at = min(self._at, len(self._text)) + 1
        raise InvalidFilter(
            f"The filter cannot be read: at character {at} there should be {wanted}.",
            remedy='For example: userName eq "jane@example.com".',
        )
