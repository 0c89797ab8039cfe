"""Template filters of the fund."""

from django import template

from fund.names import purpose_name, purpose_slug

register = template.Library()
register.filter("purpose_name", purpose_name)
register.filter("purpose_slug", purpose_slug)


@register.filter
def percent_of(fen: int, target_fen: int | None) -> int | float:
    """How much of a target is reached, in whole per cent rounded down; at most 100, and below 10 to the tenth."""
    tenths = min(1000, fen * 1000 // target_fen) if target_fen else 0
    return tenths // 10 if tenths >= 100 or tenths % 10 == 0 else tenths / 10
