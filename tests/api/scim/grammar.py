"""Requests to a SCIM service, made up by the grammar of its protocol and then damaged a little."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_PATHS = (
    "userName", "USERNAME", "externalId", "active", "title", "name.familyName", "name", "emails",
    "emails.value", "emails.type", "groups", "groups.value", "members", "members.value", "id",
    "displayName", "meta", "meta.created", "meta.lastModified", "password", "nothing", "schemas",
    "urn:ietf:params:scim:schemas:core:2.0:User:userName",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "$ref", "a.b.c",
    "photos", "x509Certificates.value", "addresses.country", "roles.primary", "phoneNumbers",
)  # fmt: skip
_OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "is", "")
_TEXTS = (
    "", "jane@example.com", "a", "%", "_", "\\", "'", '"', "ä", "İ", "\u0000", "\ud800", "x" * 300,
    "2026-01-01T00:00:00Z", "2026-13-45", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-23:59",
    "true", "False", "null", "bulkId:1", "'; DROP TABLE x; --", "\U0001f600", "*", "1e999",
)  # fmt: skip
_NUMBERS = (0, 1, -1, 2**31, 2**63, -(2**63), 10**400, 1.5, 1e300)
_NAMES = (
    "schemas", "userName", "USERNAME", "externalId", "active", "title", "name", "emails", "groups",
    "members", "displayName", "meta", "id", "password", "roles", "addresses", "x",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "value", "type", "primary",
    "name.givenName", 'emails[type eq "work"].value', "familyName", "manager", "display", "$ref",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


class Grammar:
    """One request after another, the same for the same seed."""

    def __init__(self, seed: int, ids: Callable[[], list[str]]) -> None:
        self.random = random.Random(seed)  # noqa: S311 - nothing secret
        self._ids = ids

    def request(self) -> Request:
        made = self.random.choice(
            (self._search, self._search, self._write, self._write, self._patch, self._patch,
             self._bulk, self._other)
        )  # fmt: skip
        return made()

    def filter(self, depth: int = 0) -> str:
        roll = self.random.random()
        if depth < 4 and roll < 0.25:
            word = self.random.choice(("and", "or", "AND", "xor"))
            return f"{self.filter(depth + 1)} {word} {self.filter(depth + 1)}"
        if depth < 4 and roll < 0.35:
            return f"{self.random.choice(('not ', 'not', ''))}({self.filter(depth + 1)})"
        if depth < 4 and roll < 0.45:
            return f"{self._word(_PATHS)}[{self.filter(depth + 1)}]"
        if roll < 0.55:
            return f"{self._word(_PATHS)} pr"
        return f"{self._word(_PATHS)} {self._word(_OPERATORS)} {self._literal()}"

    def _search(self) -> Request:
        query = {}
        if self._is(0.8):
            query["filter"] = self._damaged(self.filter())
        for name, values in (
            ("sortBy", _PATHS), ("sortOrder", ("ascending", "descending", "x")),
            ("attributes", _PATHS), ("excludedAttributes", _PATHS),
            ("count", ("0", "1", "-1", "5000", "x", "9" * 5_000)),
            ("startIndex", ("1", "0", "-9", "99999999999999999999", "x")),
            ("cursor", ("", "x", "a:b:c")),
        ):  # fmt: skip
            if self._is(0.15):
                query[name] = self._word(values)
        return Request("GET", self._word(("/Users", "/Groups")), query, None, {})

    def _write(self) -> Request:
        kind = self._word(("/Users", "/Groups"))
        if self._is(0.5):
            return Request("POST", kind, {}, self._resource(), {})
        return Request("PUT", f"{kind}/{self._id()}", {}, self._resource(), self._headers())

    def _patch(self) -> Request:
        operations = [self._operation() for _ in range(self.random.randint(0, 3))]
        body = {"Operations": operations} if self._is(0.95) else self._value()
        path = f"{self._word(('/Users', '/Groups'))}/{self._id()}"
        return Request("PATCH", path, {}, body, self._headers())

    def _bulk(self) -> Request:
        operations = []
        for number in range(self.random.randint(0, 4)):
            inner = self.random.choice((self._write, self._patch))()
            given = {"method": inner.method, "path": inner.path, "data": inner.body}
            given["bulkId"] = self._word((str(number), "1", "", "bulkId:1"))
            operations.append(given if self._is(0.95) else self._value())
        body = {"Operations": operations, "failOnErrors": self._word((0, 1, 5, "x", None))}
        return Request("POST", "/Bulk", {}, body, {})

    def _other(self) -> Request:
        method = self._word(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))
        path = self._word(
            ("/Schemas", "/ResourceTypes/User", "/ServiceProviderConfig", "/Me", "/", "/x/y",
             f"/Users/{self._id()}", f"/Groups/{self._id()}", "/Users/.search", "/Schemas/%00")
        )  # fmt: skip
        return Request(method, path, {}, self._value(), self._headers())

    def _operation(self) -> Any:
        found = {"op": self._word(("add", "replace", "remove", "Add", "move", 7))}
        if self._is(0.7):
            path = self._word(_PATHS)
            if self._is(0.3):
                path += f"[{self.filter(3)}]" + self._word(("", ".value", ".x", "."))
            found["path"] = self._damaged(path)
        if self._is(0.85):
            found["value"] = self._value()
        return found

    def _resource(self) -> Any:
        if self._is(0.05):
            return self._value()
        found = {self._word(_NAMES): self._value() for _ in range(self.random.randint(0, 5))}
        if self._is(0.8):
            found["userName"] = f"u{self.random.randint(1, 400)}@example.com"
            found["displayName"] = f"g{self.random.randint(1, 100)}"
        return found

    def _value(self, depth: int = 0) -> Any:
        roll = self.random.random()
        if depth < 3 and roll < 0.25:
            return {self._word(_NAMES): self._value(depth + 1) for _ in range(2)}
        if depth < 3 and roll < 0.4:
            return [self._value(depth + 1) for _ in range(self.random.randint(0, 3))]
        if roll < 0.5:
            return {"value": self._id()}
        return self._word((*_TEXTS, *_NUMBERS, True, False, None))

    def _literal(self) -> str:
        roll = self.random.random()
        if roll < 0.6:
            text = self._word(_TEXTS).replace("\\", "\\\\").replace('"', '\\"')
            return f'"{text}"'
        return str(self._word((*_NUMBERS, "true", "false", "null", "nonsense", '"', "")))

    def _headers(self) -> dict[str, str]:
        return {"If-Match": self._word(('W/"1"', "*", "x", '"2", W/"1"'))} if self._is(0.2) else {}

    def _id(self) -> str:
        known = self._ids()
        found: str = self._word(known if known and self._is(0.8) else ("none", "bulkId:1"))
        return found

    def _damaged(self, text: str) -> str:
        if not text or self._is(0.85):
            return text
        at = self.random.randrange(len(text))
        mark: str = self._word(('"', "(", "]", " ", "\x00", "", "é", "\\"))
        return text[:at] + mark + text[at + 1 :]

    def _word(self, words: Any) -> Any:
        return self.random.choice(words)

    def _is(self, chance: float) -> bool:
        return self.random.random() < chance
