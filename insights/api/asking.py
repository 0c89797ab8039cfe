"""What stands in the addresses of public figures: a period of whole months, or a calendar year."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.api.fields import TextField, WholeField
from common.errors import InvalidInput
from insights import tables
from insights.periods import parse


class PeriodQuery(serializers.Serializer):
    """Whole months, five years at most; the last twelve where nothing is said. Gives `period`."""

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's and can't be written as an attribute."""
        return {
            name: TextField(required=False, max_length=7, help_text="A month, as 2026-03.") for name in ("from", "to")
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"period": parse(attrs.get("from", ""), attrs.get("to", ""), timezone.localdate())}
        except InvalidInput as error:
            told = serializers.ErrorDetail(error.message, "invalid")
            raise serializers.ValidationError({error.field or "from": [told]}) from None


class YearQuery(serializers.Serializer):
    """A calendar year."""

    year = WholeField(required=False, help_text="This one, where nothing is said.")

    def validate_year(self, value: int) -> int:
        if tables.year_of(str(value), timezone.localdate()) is None:
            raise serializers.ValidationError(_("Of that year there are no figures."), "invalid")
        return value
