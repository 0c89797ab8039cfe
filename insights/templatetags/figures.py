"""Figures for people to read, each with its definition."""

from typing import Any

from django import template

from common.money import show_yuan
from common.weight import show_weight
from insights.definitions import BY_NAME

register = template.Library()


@register.inclusion_tag("insights/_figure.html")
def figure(name: str, value: Any, note: str = "") -> dict[str, Any]:
    """One figure with what it means and the version of that; "–" for None, which is withheld or can't be said."""
    return {"definition": BY_NAME[name], "value": value, "note": note}


@register.simple_tag
def define(name: str) -> Any:
    """The definition of that name."""
    return BY_NAME[name]


@register.filter
def whole_yuan(fen: int | None) -> str | None:
    """ "¥1,050" for 104980 fen: a sum that nobody needs to the fen."""
    return None if fen is None else show_yuan(round(fen / 100) * 100).removesuffix(".00")


@register.filter
def about_weight(grams: int) -> str:
    """To the whole kilogram: a weight that nobody knows better. "0" for nothing."""
    return show_weight(round(grams / 1000) * 1000 or grams) if grams else "0"


@register.filter
def signed(percent: float | None) -> str | None:
    """ "+4.2 %"."""
    return None if percent is None else f"{percent:+.1f} %"


@register.filter
def percentage(share: float | None) -> str | None:
    return None if share is None else f"{share:.1f} %"


@register.filter
def counted(number: int | None) -> str | None:
    """ "1,050" of something."""
    return None if number is None else f"{number:,}"
