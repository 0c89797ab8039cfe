"""What a sheet's preview keeps as plain values, said in the reader's language."""

from datetime import date
from typing import Any

from django import template
from django.template.defaultfilters import date as format_date
from django.utils.translation import get_language, gettext

from common import money, weight
from marketplace.models import Lot
from marketplace.sheets.columns import BY_KEY

register = template.Library()


@register.filter
def in_words(value: Any, key: str) -> str:
    """A value of a column: fen as yuan, grams as a weight, a day as people write it; an empty one as "–"."""
    if value is None or value == "":
        return "–"
    match key:
        case "price":
            return money.show_yuan(value)
        case "weight":
            return weight.show_weight(value)
        case "produce":
            return pair(value)
        case "grade":
            return str(dict(Lot.Grade.choices).get(value, value))
        case "picked_on" | "expected_from" | "expected_until":
            return str(format_date(date.fromisoformat(value), "DATE_FORMAT"))
    return str(value)


@register.filter
def pair(names: list[str]) -> str:
    """One of a name in Chinese and in English."""
    zh, en = names
    return en if (get_language() or "").startswith("en") else zh


@register.filter
def heading(key: str) -> str:
    """What a column is called, in the reader's language."""
    column = BY_KEY[key]
    return column.en if (get_language() or "").startswith("en") else column.zh


@register.filter
def noted(note: list[Any]) -> str:
    """A note of the preview: its English, looked up, and what stands in it."""
    template_text, params = note
    text = gettext(template_text)
    return text % params if params else text
