"""What every resource of `/v1` shares: the actor, JSON only, and lists with their totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from access.actor import Actor
from api.authentication import HasToken
from web.errors import NotFound

DEFAULT_LIMIT = 20
MAXIMUM_LIMIT = 1000


class Resource(APIView):
    """One address of the API. Success is 200 with JSON, whatever was done."""

    parser_classes = (JSONParser,)
    permission_classes = (HasToken,)

    @property
    def actor(self) -> Actor:
        return cast("Actor", self.request.auth)

    def checked(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """The body, validated; a missing body is an empty object."""
        bound = serializer(data=self.request.data or {})
        bound.is_valid(raise_exception=True)
        return dict(bound.validated_data)


class Unknown(Resource):
    """Everything below `/v1` that is no resource: JSON, not a page."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is no such address in this API.", remedy="Check path and method.")


def listed(
    request: Request,
    rows: QuerySet[Any],
    serializer: type[BaseSerializer[Any]],
    *,
    plural: str,
    sorts: Mapping[str, str] | None = None,
    context: Callable[[list[Any]], dict[str, Any]] | None = None,
) -> Response:
    """`{<plural>, totalCount, limit, offset}`, sorted by `sorts=name:asc` and by id."""
    limit = _number(request, "limit", default=DEFAULT_LIMIT, highest=MAXIMUM_LIMIT)
    offset = _number(request, "offset", default=0, highest=2**31)
    order = [_order(word, sorts or {}) for word in request.query_params.getlist("sorts")]
    ordered = rows.order_by(*order, "pk") if order else rows
    shown: list[Model] = list(ordered[offset : offset + limit])
    given = context(shown) if context else {}
    return Response(
        {
            plural: serializer(shown, many=True, context=given).data,
            "totalCount": rows.count(),
            "limit": limit,
            "offset": offset,
        }
    )


def _number(request: Request, name: str, *, default: int, highest: int) -> int:
    given = request.query_params.get(name, str(default))
    if not given.isascii() or not given.isdigit() or int(given[:12]) > highest:
        raise ValidationError({name: f"Must be a whole number from 0 to {highest}."})
    return int(given)


def _order(word: str, sorts: Mapping[str, str]) -> str:
    name, _, direction = word.partition(":")
    if name not in sorts or direction not in ("asc", "desc"):
        known = ", ".join(f"{each}:asc, {each}:desc" for each in sorts)
        raise ValidationError({"sorts": f"Must be one of {known}."})
    return f"-{sorts[name]}" if direction == "desc" else sorts[name]
