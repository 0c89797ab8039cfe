"""What a person asked to be told of, and what of it can be bought now."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Farmer, User
from marketplace.models import Listing, Produce, Wish
from marketplace.queries.matching import Matches
from marketplace.queries.shelves import buyable
from marketplace.search import search_query


def wishes_of(user: User) -> QuerySet[Wish]:
    """A person's own, open ones first, the newest first."""
    return (
        Wish.objects.filter(user=user)
        .select_related("listing__produce", "listing__farmer", "produce")
        .order_by("-told_at", "-pk")
    )  # PostgreSQL puts what has no time first


def wishable_listings() -> QuerySet[Listing]:
    """Listings that have a page, so that one can ask about them."""
    return Listing.objects.filter(
        status__in=[Listing.Status.LIVE, Listing.Status.PAUSED], farmer__status=Farmer.Status.VERIFIED
    ).select_related("produce", "farmer")


def can_be_bought(wish: Wish) -> bool:
    """Whether what was wished for is on sale: approved, of a verified farmer, and some of it left. One query."""
    on_sale = buyable(Listing.objects.on_shelf())
    if wish.listing_id:
        return on_sale.filter(pk=wish.listing_id).exists()
    if wish.produce_id:
        kinds = Produce.objects.filter(Q(pk=wish.produce_id) | Q(parent=wish.produce_id), pk=OuterRef("place__produce"))
        return on_sale.filter(Exists(kinds)).exists()
    search = search_query(wish.query)
    return bool(search) and on_sale.filter(Matches(search)).exists()
