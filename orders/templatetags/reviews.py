"""{% listing_reviews listing %} and {% farm_reviews storefront %}: what buyers said of a listing, and of a farm."""

from typing import Any

from django import template

from marketplace.models import Listing, Storefront
from orders import queries

register = template.Library()
PAGE = 10


@register.inclusion_tag("orders/_listing_reviews.html")
def listing_reviews(listing: Listing) -> dict[str, Any]:
    """The newest shown reviews and the mean of all stars; two queries (none without stars)."""
    shown = queries.shown_reviews(listing.pk)[:PAGE] if listing.rating_count else []
    return {"listing": listing, "reviews": shown}


@register.inclusion_tag("orders/_farm_reviews.html")
def farm_reviews(storefront: Storefront) -> dict[str, Any]:
    """The newest shown reviews of all a farmer has on sale; two queries (none without stars)."""
    shown = queries.shown_reviews_of_farmer(storefront.farmer_id)[:PAGE] if storefront.rating_count else []
    return {"reviews": shown}


@register.simple_tag
def stars(count: float) -> str:
    """★★★★☆ for 4, rounded to the nearest."""
    full = max(0, min(5, round(count)))
    return "★" * full + "☆" * (5 - full)
