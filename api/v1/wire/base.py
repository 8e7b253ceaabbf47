"""Objects of the wire: strict on the way in, complete on the way out, the same in the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar

from django.http import QueryDict
from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

from api.v1.wire.fields import Choice, QueryNumber

T = TypeVar("T")
DEFAULT_LIMIT = 20
MAXIMUM_LIMIT = 1000
SORTS = {"createdAt": "created_at", "name": "name", "updatedAt": "updated_at"}
"""What lists of named objects can be sorted by, and the column of each."""
_LONGEST_NAME_SHOWN = 60


class Shown(serializers.Serializer[T]):
    """An answer: every field is always there, except those of `optional` that have no value."""

    optional: ClassVar[frozenset[str]] = frozenset()

    def to_representation(self, instance: T) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {
            name: value
            for name, value in shown.items()
            if value is not None or name not in self.optional
        }


class Asked(serializers.Serializer[Any]):
    """A body: a field that it does not know is refused by name; null means left out."""

    takes_null: ClassVar[bool] = True

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.allow_null = field.allow_null or (self.takes_null and not field.required)
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"non_field_errors": ["Must be an object."]})
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            raise serializers.ValidationError(
                {_printable(name): "There is no field of this name here." for name in unknown}
            )
        given = {
            name: value
            for name, value in data.items()
            if value is not None or self.fields[name].required
        }
        return super().to_internal_value(given)


class Query(Asked):
    """The part of an address after `?`; a repeated key is a list."""

    takes_null = False

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        lists = {name for name, field in cls().fields.items() if _is_list(field)}
        return cls(
            data={name: given.getlist(name) if name in lists else given[name] for name in given}
        )


class Page(Query):
    """What every list takes."""

    offset = QueryNumber(highest=2**31, default=0)
    limit = QueryNumber(highest=MAXIMUM_LIMIT, default=DEFAULT_LIMIT)


class NamedPage(Page):
    sorts = serializers.ListField(
        required=False,
        child=Choice([f"{name}:{way}" for name in SORTS for way in ("asc", "desc")]),
    )


class Error(Shown[Any]):
    """Every refusal has these three fields and no other."""

    message = serializers.CharField()
    requestId = serializers.CharField()
    statusCode = serializers.IntegerField()


def page_of(name: str, plural: str, of: type[Shown[Any]]) -> type[Shown[Any]]:
    """The shape of a list: `{<plural>, totalCount, limit, offset}`."""
    fields = {
        plural: of(many=True),
        "totalCount": serializers.IntegerField(),
        "limit": serializers.IntegerField(),
        "offset": serializers.IntegerField(),
    }
    return type(name, (Shown,), fields)


def _is_list(field: Any) -> bool:
    return isinstance(field, serializers.ListField)


def _printable(name: Any) -> str:
    text = "".join(letter for letter in str(name) if letter.isprintable())
    return text[:_LONGEST_NAME_SHOWN]


_ONLY_IN_REQUESTS = ("minLength", "readOnly", "nullable", "default")


class _ShownExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = Shown
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return str(_class_of(self.target).__name__).removesuffix("Json")

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        for field in schema["properties"].values():
            for name in _ONLY_IN_REQUESTS:
                field.pop(name, None)
        always = sorted(set(schema["properties"]) - _class_of(self.target).optional)
        return schema | ({"required": always} if always else {})


class _AskedExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = Asked
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return str(_class_of(self.target).__name__)

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return schema | {"additionalProperties": False}


def _class_of(target: Any) -> Any:
    return target if isinstance(target, type) else type(target)
