"""What every resource of `/v1` shares: the actor, JSON only, and lists with their totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from access.actor import Actor
from api.authentication import HasToken
from api.parsing import Json
from api.v1.wire.base import SORTS, Asked, Query
from web.errors import NotFound


class Resource(APIView):
    """One address of the API. Success is 200 with JSON, and 204 for what was deleted."""

    parser_classes = (Json,)
    permission_classes = (HasToken,)

    @property
    def actor(self) -> Actor:
        return cast("Actor", self.request.auth)

    def checked(self, serializer: type[Asked]) -> dict[str, Any]:
        """The body, validated; a missing body is an empty object."""
        if self.request.data is None:
            raise ValidationError("Must be an object.")
        bound = serializer(data=self.request.data)
        bound.is_valid(raise_exception=True)
        return dict(bound.validated_data)

    def asked(self, query: type[Query]) -> dict[str, Any]:
        """The query of the address, validated."""
        bound = query.read(self.request.query_params)
        bound.is_valid(raise_exception=True)
        return dict(bound.validated_data)


@extend_schema(exclude=True)
class Unknown(Resource):
    """Everything below `/v1` that is no resource: JSON, not a page."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is no such address in this API.", remedy="Check path and method.")


def listed(
    rows: QuerySet[Any],
    serializer: type[BaseSerializer[Any]],
    *,
    plural: str,
    asked: Mapping[str, Any],
    context: Callable[[list[Any]], dict[str, Any]] | None = None,
) -> Response:
    """`{<plural>, totalCount, limit, offset}`, in the order of `sorts`, then by id."""
    limit, offset = asked["limit"], asked["offset"]
    order = [_order(word) for word in asked.get("sorts", ())] or rows.model._meta.ordering
    shown: list[Model] = list(rows.order_by(*order, "pk")[offset : offset + limit])
    given = context(shown) if context else {}
    return Response(
        {
            plural: serializer(shown, many=True, context=given).data,
            "totalCount": rows.count(),
            "limit": limit,
            "offset": offset,
        }
    )


def _order(word: str) -> str:
    name, _, direction = word.partition(":")
    return f"-{SORTS[name]}" if direction == "desc" else SORTS[name]
