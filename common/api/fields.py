"""The kinds of values in the API: money, weights, texts and ids. What has the wrong JSON type is refused, not guessed."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.money import MAX_FEN
from common.weight import MAX_PACK_GRAMS

CURRENCY = "CNY"
MAX_ID = 2**63 - 1


def _is_form(field: serializers.Field) -> bool:
    """Whether the values come as texts: out of an address or a form with files."""
    return isinstance(getattr(field.root, "initial_data", None), QueryDict)


class WholeField(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and _is_form(self):
            return int(super().to_internal_value(data))
        if isinstance(data, bool) or not isinstance(data, int | float) or data != data or data != data // 1:
            self.fail("invalid")
        return int(super().to_internal_value(int(data)))


class FenField(WholeField):
    """Money as an integer number of fen (1/100 yuan), currency CNY."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs.setdefault("min_value", 0)
            kwargs.setdefault("max_value", MAX_FEN)
        kwargs.setdefault("help_text", "In fen (1/100 yuan).")
        super().__init__(**kwargs)


class GramsField(WholeField):
    """A weight as an integer number of grams."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs.setdefault("min_value", 1)
            kwargs.setdefault("max_value", MAX_PACK_GRAMS)
        kwargs.setdefault("help_text", "In grams.")
        super().__init__(**kwargs)


class IdField(WholeField):
    """The id of something: whether it is there, and theirs, is for the service to say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class TextField(serializers.CharField):
    """A JSON string without NUL and lone surrogates; spaces around it go."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """true or false."""

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(data, str) and _is_form(self):
            return bool(super().to_internal_value(data))
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "string", "const": CURRENCY})
class CurrencyField(serializers.ReadOnlyField):
    """ "CNY", beside every total, so that no program guesses."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["source"] = "*"
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> str:
        return CURRENCY


class Input(serializers.Serializer):
    """What comes in: its fields and nothing else. A field that is not known is refused, never passed on."""

    def to_internal_value(self, data: Any) -> Any:
        errors: dict[str, Any] = {}
        values: Any = None
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not isinstance(data, Mapping):
                raise
            errors = dict(error.detail)
        told = serializers.ErrorDetail(_("There is no such field here."), "unknown_field")
        errors |= {str(name)[:80]: [told] for name in set(data) - set(self.fields)}
        if errors:
            raise serializers.ValidationError(errors)
        return values
