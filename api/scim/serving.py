"""What can be done to every resource type alike; each says what is its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import QuerySet

from accounts.models import ProvisionedGroup, ProvisionedUser
from api.scim import paging, patching, reading
from api.scim.calls import Answer, Call, is_unchanged, require_match, version_of
from api.scim.errors import ScimError
from api.scim.filters.sources import Table
from api.scim.reading import Json
from api.scim.showing import moment, shown
from web.errors import NotFound

R = TypeVar("R", ProvisionedUser, ProvisionedGroup)
W = TypeVar("W")
_LONGEST_ID = 255


class Served(ABC, Generic[R, W]):
    """The handlers of one resource type. `R` are its rows, `W` what a caller wants of one."""

    table: ClassVar[Table]
    related: ClassVar[str]
    """The list whose values are asked for apart: `groups` of people, `members` of groups."""
    related_endpoint: ClassVar[str]
    is_related_at_once: ClassVar[bool]
    """Whether something that was just made can have values in that list."""
    named: ClassVar[str]
    """The attribute that it is known by, and how long that may be."""
    longest_name: ClassVar[int]

    def search(self, call: Call) -> Answer:
        wanted = shown(self.table.kind, call.query)
        page = paging.page(self.table, self.rows(call), call.query)
        related = self.related_to(page.rows) if wanted.wants(self.related) else {}
        found = [wanted.of(self._json(call, each, related)) for each in page.rows]
        return Answer(200, page.listed(found))

    def create(self, call: Call) -> Answer:
        made = self.make(call, self._read(call.body))
        return self.answer(call, 201, made)

    def show(self, call: Call, resource_id: str) -> Answer:
        found = self._find(call, resource_id)
        if is_unchanged(call, found):
            return Answer(304, version=version_of(found))
        return self.answer(call, 200, found)

    def replace(self, call: Call, resource_id: str) -> Answer:
        wanted = self._read(call.body)
        return self.answer(call, 200, self._changed(call, resource_id, lambda _: wanted))

    def patch(self, call: Call, resource_id: str) -> Answer:
        return self.answer(call, 200, self.patched(call, resource_id))

    def delete(self, call: Call, resource_id: str) -> Answer:
        found = self._find(call, resource_id)
        self.remove(call, found, lambda fresh: require_match(call, fresh))
        return Answer(204)

    def patched(self, call: Call, resource_id: str) -> R:
        operations = patching.operations(call.body)

        def change(row: R) -> W:
            return self._read(patching.apply(self.table.kind, self.own(row), operations))

        return self._changed(call, resource_id, change)

    def answer(self, call: Call, status: int, row: R) -> Answer:
        wanted = shown(self.table.kind, call.query)
        asks = status != 201 or self.is_related_at_once
        related = self.related_to([row]) if asks and wanted.wants(self.related) else {}
        resource = wanted.of(self._json(call, row, related))
        return Answer(status, resource, self.location(call, row), version_of(row))

    def location(self, call: Call, row: R) -> str:
        return f"{call.base}/{self.table.kind.endpoint}/{row.pk}"

    @abstractmethod
    def rows(self, call: Call) -> QuerySet[R]:
        """Those of the caller's Organization."""

    @abstractmethod
    def related_to(self, rows: Sequence[R]) -> Mapping[str, list[Json]]:
        """The values of `related` for each of some rows, by one question."""

    @abstractmethod
    def own(self, row: R) -> Json:
        """What the provider may change, as it wrote it."""

    @abstractmethod
    def described(self, row: R) -> Json:
        """The same as it is answered, `related` and `meta` aside; `schemas` and `id` first."""

    @abstractmethod
    def wanted(self, name: str, external_id: str, resource: Json) -> W: ...

    @abstractmethod
    def make(self, call: Call, wanted: W) -> R: ...

    @abstractmethod
    def alter(self, call: Call, row: R, change: Callable[[R], W]) -> R: ...

    @abstractmethod
    def remove(self, call: Call, row: R, check: Callable[[R], object]) -> None: ...

    def _changed(self, call: Call, resource_id: str, change: Callable[[R], W]) -> R:
        """Raises Changed where it is another version by then."""

        def matching(row: R) -> W:
            require_match(call, row)
            return change(row)

        return self.alter(call, self._find(call, resource_id), matching)

    def _find(self, call: Call, resource_id: str) -> R:
        found = self.rows(call).filter(pk=resource_id).first()
        if found is None:
            kind = self.table.kind.name.lower()
            raise NotFound(
                f"There is no {kind} {resource_id[:64]} in this Organization.",
                remedy=f"Look the {kind} up by {self.named}, or create it.",
            )
        return found

    def _read(self, sent: Any) -> W:
        """Raises ScimError for what it cannot be."""
        resource = reading.read(self.table.kind, sent)
        name = resource.pop(self.named).strip()
        external_id = resource.pop("externalId", "")
        if not 1 <= len(name) <= self.longest_name:
            rule = f"{self.named} has 1 to {self.longest_name} characters."
            raise ScimError(rule, remedy="Change it.")
        if len(external_id) > _LONGEST_ID:
            rule = f"externalId has at most {_LONGEST_ID} characters."
            raise ScimError(rule, remedy="Shorten it.")
        return self.wanted(name, external_id, resource)

    def _json(self, call: Call, row: R, related: Mapping[str, list[Json]]) -> Json:
        found = self.described(row)
        if values := related.get(str(row.pk)):
            found[self.related] = [
                {**each, "$ref": f"{call.base}/{self.related_endpoint}/{each['value']}"}
                for each in values
            ]
        found["meta"] = {
            "resourceType": self.table.kind.name,
            "created": moment(row.created_at),
            "lastModified": moment(row.updated_at),
            "location": self.location(call, row),
            "version": version_of(row),
        }
        return found
