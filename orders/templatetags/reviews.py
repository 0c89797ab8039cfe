"""{% listing_reviews listing %}: what buyers said of a listing."""

from typing import Any

from django import template

from marketplace.models import Listing
from orders import queries

register = template.Library()
PAGE = 10


@register.inclusion_tag("orders/_listing_reviews.html")
def listing_reviews(listing: Listing) -> dict[str, Any]:
    """The newest shown reviews and the mean of all stars; two queries (none without stars)."""
    shown = queries.shown_reviews(listing.pk)[:PAGE] if listing.rating_count else []
    return {"listing": listing, "reviews": shown}


@register.simple_tag
def stars(count: float) -> str:
    """★★★★☆ for 4, rounded to the nearest."""
    full = max(0, min(5, round(count)))
    return "★" * full + "☆" * (5 - full)
