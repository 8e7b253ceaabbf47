"""`/Bulk` (RFC 7644, section 3.7): many changes in one request, each in a transaction of its own.

An operation may name what an earlier or later one makes, by `bulkId:<name>`; those that are named
go first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import DataError

from api.scim import errors
from api.scim.bulk_limits import MOST_OPERATIONS
from api.scim.calls import Answer, Call, Handler
from api.scim.errors import InvalidSyntax, MethodNotAllowed, ScimError, TooMany
from api.scim.groups import GROUPS
from api.scim.users import USERS
from web.errors import Conflict, DomainError, NotFound

REQUEST_URN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE_URN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
_REFERENCE = re.compile(r"bulkId:([\w.:-]{1,200})")
_PATH = re.compile(r"/?(Users|Groups)(?:/([^/?]+))?/?")
_HANDLERS: Mapping[str, Mapping[str, Handler]] = {
    each.table.kind.endpoint: {
        "POST": each.create,
        "PUT": each.replace,
        "PATCH": each.patch,
        "DELETE": each.delete,
    }
    for each in (USERS, GROUPS)
}


@dataclass
class Operation:
    method: str
    path: str
    bulk_id: str
    data: Any
    version: str

    def references(self) -> set[str]:
        return {
            each for text in _texts([self.path, self.data]) for each in _REFERENCE.findall(text)
        }


def run(call: Call) -> Answer:
    """Do all of them, until as many failed as `failOnErrors` allows.

    Raises InvalidSyntax for what is no Bulk request, TooMany for more than 1,000 operations.
    """
    asked, most_failures = _read(call.body)
    made: dict[str, str] = {}
    answers: list[dict[str, Any]] = []
    failures = 0
    for operation in _in_turn(asked):
        answer = _one(call, operation, made)
        answers.append(answer)
        failures += int(answer["status"]) >= 400
        if most_failures and failures >= most_failures:
            break
    return Answer(200, {"schemas": [RESPONSE_URN], "Operations": answers})


def _read(body: Any) -> tuple[list[Operation], int]:
    sent = body.get("Operations") if isinstance(body, dict) else None
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        raise InvalidSyntax("Operations must be a list of objects.", remedy=f"See {REQUEST_URN}.")
    if len(sent) > MOST_OPERATIONS:
        raise TooMany(f"At most {MOST_OPERATIONS:,} operations at once.", remedy="Send several.")
    limit = body.get("failOnErrors") or 0
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise InvalidSyntax("failOnErrors must be a whole number.", remedy="Leave it out.")
    found = [_operation(each) for each in sent]
    named = [each.bulk_id for each in found if each.bulk_id]
    if len(named) != len(set(named)):
        raise InvalidSyntax("Two operations have the same bulkId.", remedy="Name each once.")
    return found, limit


def _operation(sent: Mapping[str, Any]) -> Operation:
    words = {name: sent.get(name) or "" for name in ("method", "path", "bulkId", "version")}
    if not all(isinstance(each, str) for each in words.values()):
        raise InvalidSyntax(
            "method, path, bulkId and version must be texts.", remedy="Put them between quotes."
        )
    method = words["method"].upper()
    return Operation(method, words["path"], words["bulkId"], sent.get("data"), words["version"])


def _in_turn(operations: list[Operation]) -> Iterator[Operation]:
    """In their order, but none before those that it names. What names itself, by however many
    steps, comes as it stands and fails."""
    by_id = {each.bulk_id: each for each in operations if each.bulk_id}
    named = {id(each): sorted(by_id.keys() & each.references()) for each in operations}
    done: set[int] = set()
    for first in operations:
        waiting, seen = [first], {id(first)}
        while waiting:
            each = waiting[-1]
            before = [
                by_id[name]
                for name in named[id(each)]
                if id(by_id[name]) not in done and id(by_id[name]) not in seen
            ]
            if before:
                waiting.append(before[0])
                seen.add(id(before[0]))
                continue
            waiting.pop()
            if id(each) not in done:
                done.add(id(each))
                yield each


def _one(call: Call, operation: Operation, made: dict[str, str]) -> dict[str, Any]:
    said = {"method": operation.method}
    if operation.bulk_id:
        said["bulkId"] = operation.bulk_id
    try:
        answer = _do(call, operation, made)
    except DomainError as error:
        place = _located(call, operation)
        return {**said, **place, "status": str(error.status), "response": errors.of(error)}
    except DataError:
        refusal = errors.body(400, "A value cannot be kept. Shorten it.", "invalidValue")
        return {**said, "status": "400", "response": refusal}
    if operation.bulk_id and answer.location:
        made[operation.bulk_id] = answer.location.rsplit("/", 1)[-1]
    location = {"location": answer.location} if answer.location else _located(call, operation)
    version = {"version": answer.version} if answer.version else {}
    return {**said, **location, **version, "status": str(answer.status)}


def _do(call: Call, operation: Operation, made: Mapping[str, str]) -> Answer:
    path, data = _resolved(operation.path, made), _resolved(operation.data, made)
    matched = _PATH.fullmatch(path)
    if matched is None:
        raise NotFound("The path is no resource's.", remedy="Use /Users or /Groups.")
    handler = _HANDLERS[matched[1]].get(operation.method)
    if handler is None or (operation.method == "POST") == bool(matched[2]):
        raise MethodNotAllowed(
            f"{operation.method[:10]} does not work at this path.",
            remedy="POST to /Users or /Groups; PUT, PATCH and DELETE to one of theirs.",
        )
    if operation.method == "POST" and not operation.bulk_id:
        raise ScimError("A POST needs a bulkId.", remedy="Name each operation that makes one.")
    inner = replace(call, body=data, query={}, if_match=operation.version, if_none_match="")
    return handler(inner, matched[2]) if matched[2] else handler(inner)


def _resolved(value: Any, made: Mapping[str, str]) -> Any:
    """With ids in place of the names of operations. Raises Conflict for one that made nothing."""
    if isinstance(value, dict):
        return {name: _resolved(inner, made) for name, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, made) for inner in value]
    if not isinstance(value, str) or "bulkId:" not in value:
        return value

    def put(matched: re.Match[str]) -> str:
        if matched[1] not in made:
            raise Conflict(
                f"Nothing was made by the operation with the bulkId {matched[1][:60]}.",
                remedy="Correct that operation, and send both again.",
            )
        return made[matched[1]]

    return _REFERENCE.sub(put, value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _located(call: Call, operation: Operation) -> dict[str, str]:
    """Of what exists already."""
    is_there = operation.method != "POST" and "bulkId:" not in operation.path
    return {"location": f"{call.base}/{operation.path.lstrip('/')}"} if is_there else {}
