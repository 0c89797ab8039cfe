"""Pages of a list by keyset: a cursor says after which row to go on, so that nothing is skipped or shown twice."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Field, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from common.api.problems import Problem

MOST = 100
MAX_CURSOR = 500


def bad_cursor() -> Problem:
    """The refusal of a cursor that no page gave out."""
    return Problem(400, "bad_cursor", _("This cursor is not one of ours. Please start from the first page."))


def encode_cursor(keys: Sequence[Any]) -> str:
    """An opaque cursor for the sort keys of a row: numbers, texts, times and None."""
    plain = [key.isoformat() if hasattr(key, "isoformat") else key for key in keys]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The keys in a cursor, as JSON holds them. Raises Problem(400)."""
    if len(cursor) > MAX_CURSOR:
        raise bad_cursor()
    try:
        keys = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise bad_cursor() from None
    if not isinstance(keys, list) or not keys:
        raise bad_cursor()
    return keys


def page_size(request: Request, usual: int) -> int:
    """The `limit` asked for, from 1 to 100. Raises Problem(400)."""
    text = request.query_params.get("limit", "")
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST):
        raise Problem(400, "bad_limit", _("`limit` is a number from 1 to 100."))
    return int(text)


def paged(request: Request, results: Any, next_cursor: str) -> Response:
    """A page's answer: its rows, the address of the next page (None on the last), and the same as a Link header."""
    url = replace_query_param(request.build_absolute_uri(), "cursor", next_cursor) if next_cursor else None
    headers = {"Link": f'<{url}>; rel="next"'} if url else {}
    return Response({"results": results, "next": url}, headers=headers)


class KeysetPagination(BasePagination):
    """For querysets with a total order: a view's `keyset` names the sort keys, the last of them unique, e.g.
    ("-placed_at", "-pk"). All keys are columns that are never null, and point the same way or not, as they like.
    """

    usual = 30

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        self.request, self.keyset = request, tuple(view.keyset)
        size = page_size(request, getattr(view, "page_size", self.usual))
        queryset = queryset.order_by(*self.keyset)
        if cursor := request.query_params.get("cursor", ""):
            queryset = queryset.filter(self._after(queryset, decode_cursor(cursor)))
        rows = list(queryset[: size + 1])
        self.next_cursor = encode_cursor(self._keys(rows[size - 1])) if len(rows) > size else ""
        return rows[:size]

    def _keys(self, row: Any) -> list[Any]:
        values = []
        for name in self.keyset:
            value = row
            for part in name.lstrip("-").split("__"):
                value = getattr(value, part)
            values.append(value)
        return values

    def _after(self, queryset: QuerySet[Any], keys: list[Any]) -> Q:
        """Rows behind the one with these keys: (a, b) > (x, y) as a > x OR (a = x AND b > y)."""
        if len(keys) != len(self.keyset):
            raise bad_cursor()
        names = [name.lstrip("-") for name in self.keyset]
        values = [_clean(queryset, name, key) for name, key in zip(names, keys, strict=True)]
        behind = Q()
        for place, (name, key) in enumerate(zip(names, self.keyset, strict=True)):
            same = Q(**dict(zip(names[:place], values[:place], strict=True)))
            behind |= same & Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": values[place]})
        return behind

    def get_paginated_response(self, data: Any) -> Response:
        return paged(self.request, data, self.next_cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "The address of the next page; null on the last.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return PAGE_PARAMETERS


PAGE_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "cursor",
        "in": "query",
        "required": False,
        "description": "From `next` of the page before. Opaque.",
        "schema": {"type": "string"},
    },
    {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "Rows on a page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST},
    },
]


def _clean(queryset: QuerySet[Any], name: str, value: Any) -> Any:
    """A key of the type that its column has. Raises Problem(400)."""
    field = _field(queryset, name)
    kind = field.get_internal_type()
    try:
        if kind in ("DateTimeField", "DateField"):
            when = datetime.fromisoformat(value)
            if kind == "DateTimeField" and when.tzinfo is None:
                raise bad_cursor()
            return when if kind == "DateTimeField" else when.date()
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise bad_cursor()
        cleaned = field.to_python(value)
    except Problem:
        raise
    except Exception:
        raise bad_cursor() from None
    if (isinstance(cleaned, int) and abs(cleaned) >= 2**63) or (isinstance(cleaned, str) and "\0" in cleaned):
        raise bad_cursor()
    return cleaned


def _field(queryset: QuerySet[Any], name: str) -> Field:
    model = queryset.model
    *through, last = name.split("__")
    for part in through:
        model = model._meta.get_field(part).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)
