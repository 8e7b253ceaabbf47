"""Fields as strict as the document says: no value is turned into another type.

No message repeats what was sent: it may be a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class Text(serializers.CharField):
    """A JSON string, kept as it is."""

    default_error_messages = {"invalid": "Must be a string."}

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Email(Text):
    """An address; whether it can be one is the service's question."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)


class Flag(serializers.BooleanField):
    """`true` or `false`, and neither 1 nor "true"."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Whole(serializers.IntegerField):
    """A JSON number without a fraction."""

    default_error_messages = {"invalid": "Must be a whole number."}

    def to_internal_value(self, data: Any) -> int:
        is_number = isinstance(data, int | float) and not isinstance(data, bool)
        if not is_number or data != data // 1:
            self.fail("invalid")
        return int(data)


class Choice(serializers.ChoiceField):
    def __init__(self, choices: Sequence[str], **options: Any) -> None:
        message = f"Must be one of {', '.join(choices)}."
        super().__init__(
            choices=choices, error_messages={"invalid_choice": message, "null": message}, **options
        )

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice")
        return str(super().to_internal_value(data))


@extend_schema_field({"type": "boolean", "enum": [False]})
class Off(Flag):
    """A switch that cannot be on here; `reason` says why."""

    def __init__(self, reason: str, **options: Any) -> None:
        super().__init__(**options)
        self.reason = reason

    def to_internal_value(self, data: Any) -> bool:
        if super().to_internal_value(data):
            raise serializers.ValidationError(self.reason)
        return False


@extend_schema_field({"nullable": True, "enum": [None]})
class Absent(serializers.Field[None, Any, None, Any]):
    """A field of the Astro API that this console has no use for yet: only null is taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(required=False)
        self.reason = reason

    def to_internal_value(self, data: Any) -> None:
        raise serializers.ValidationError(self.reason)

    def to_representation(self, value: None) -> None:
        return None


def texts(**options: Any) -> serializers.ListField:
    """A list of strings."""
    child = Text(**options)
    return serializers.ListField(
        child=child, required=False, error_messages={"not_a_list": "Must be a list."}
    )


def pattern(expression: str, rule: str) -> RegexValidator:
    """A form that a text must have; `rule` says it in words."""
    return RegexValidator(rf"\A(?:{expression})\Z", rule)


class QueryNumber(serializers.IntegerField):
    """A whole number of an address."""

    def __init__(self, *, highest: int, lowest: int = 0, **options: Any) -> None:
        super().__init__(required=False, min_value=lowest, max_value=highest, **options)
        self.rule = f"Must be a whole number from {lowest} to {highest}."

    def to_internal_value(self, data: Any) -> int:
        text = str(data)
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise serializers.ValidationError(self.rule)
        number = int(text)
        if not (self.min_value or 0) <= number <= (self.max_value or 0):
            raise serializers.ValidationError(self.rule)
        return number


class QueryFlag(serializers.BooleanField):
    """`true` or `false` of an address."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if data not in ("true", "false"):
            self.fail("invalid")
        return bool(data == "true")
