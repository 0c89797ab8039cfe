"""What the tests of public pages share: pages to look at, and a shelf with something on it."""

from collections.abc import Iterator
from datetime import date

from marketplace.models import Listing
from marketplace.services.search import index_all
from tests.make import make_county, make_farmer, make_listing, make_lot, make_produce


def fill_shelf(count: int) -> list[Listing]:
    """So many oranges of so many farms in so many counties, found by search; every third is a presale."""
    listings = []
    for number in range(count):
        county = make_county(f"county-{number}", name_en=f"County {number}")
        presale = number % 3 == 2
        listing = make_listing(make_farmer(county=county, women_led=True), packs=None if presale else 20)
        if presale:
            make_lot(listing, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9))
        listings.append(listing)
    index_all()
    return listings


def list_pages(listing: Listing) -> Iterator[str]:
    """Every public page on which a listing may be met, its own and its lot's excepted."""
    produce = listing.produce or make_produce()
    yield "/"
    yield "/produce/"
    yield "/produce/?stock=all"
    yield "/produce/?stock=all&women=on&sort=rating"
    yield f"/produce/{produce.slug}/?stock=all"
    yield f"/produce/{produce.parent.slug}/?stock=all" if produce.parent else "/produce/"
    yield f"/counties/{listing.county.slug}/"
    yield f"/farms/{listing.farmer.storefront.slug}/"
    yield f"/search/?q={produce.name_zh}&stock=all"
    yield f"/search/?q={listing.words}&stock=all"
    yield "/search/?q=&stock=all"
    yield "/sitemap-listings.xml"
