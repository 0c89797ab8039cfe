"""Template filters of the fund."""

from django import template

from fund.names import purpose_name, purpose_slug

register = template.Library()
register.filter("purpose_name", purpose_name)
register.filter("purpose_slug", purpose_slug)


@register.filter
def percent_of(fen: int, target_fen: int | None) -> int:
    """How much of a target is reached, in whole per cent; at most 100."""
    return min(100, fen * 100 // target_fen) if target_fen else 0
