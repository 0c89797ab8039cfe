"""Template filters for fen, grams and names in two languages. Loaded as builtins."""

from typing import Any

from django import template
from django.utils.translation import get_language

from common import money, weight

register = template.Library()

register.filter("yuan", money.show_yuan)
register.filter("bare_yuan", money.yuan)
register.filter("weight", weight.show_weight)
register.filter("both_units", weight.show_both_units)


@register.filter
def localname(thing: Any) -> str:
    """The name of a place or a produce in the reader's language: needs `name_zh` and `name_en`."""
    return thing.name_en if (get_language() or "").startswith("en") else thing.name_zh


@register.simple_tag
def price_per(grams: int, price_fen: int, pack_grams: int) -> str:
    """ "¥9.96": the price of `grams` when a pack of `pack_grams` costs `price_fen`."""
    return money.show_yuan(weight.fen_per(grams, price_fen, pack_grams))


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """The present query string with some parameters changed (None drops one): filters and sorts live in the URL."""
    query = context["request"].GET.copy()
    query.pop("after", None)
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"
