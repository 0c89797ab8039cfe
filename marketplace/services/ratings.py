"""Stars: what buyers gave, counted on the listing and on its farmer's storefront."""

from django.db.models import F

from common.transactions import needs_transaction
from marketplace.models import Listing, Storefront


@needs_transaction
def add_stars(*, listing_id: int, stars: int) -> None:
    """Count one buyer's 1 to 5 stars, at once and whatever becomes of their words; a step.

    Called once per review, which the database holds to one per parcel and listing.
    """
    if not 1 <= stars <= 5:
        raise ValueError("stars go from 1 to 5")
    counted = {"rating_sum": F("rating_sum") + stars, "rating_count": F("rating_count") + 1}
    Listing.objects.filter(pk=listing_id).update(**counted)
    Storefront.objects.filter(farmer__listings=listing_id).update(**counted)
