"""Reads of carts, orders and parcels that are more than a get."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.module_loading import import_string

from accounts.models import Farmer, Posting, User
from marketplace.models import Listing
from orders.models import Cart, Order, OrderLine, Packing, Parcel, ParcelEvent, Review, ReviewPhoto
from orders.models.orders import ParcelQuerySet
from orders.pricing import PricedCart

CART_SESSION_KEY = "cart"


def cart_pack_count(request: HttpRequest) -> int:
    """Packs in the cart of whoever asks; no query for a guest who never put anything in one.

    Plain SQL: each page's frame asks, and building the query took four times as long as answering it.
    """
    if request.user.is_authenticated:
        whose, key = "user_id = %s", request.user.pk
    elif token := request.session.get(CART_SESSION_KEY):
        whose, key = "token = %s", token
    else:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum(packs), 0) FROM orders_cartline JOIN orders_cart ON orders_cart.id = cart_id WHERE {whose}",  # noqa: S608  # one of the two above
            [key],
        )
        (packs,) = cursor.fetchone()
    return int(packs)


def specialists_of(county_id: int, *, on: date) -> QuerySet[User]:
    """Who is posted to a county on a day."""
    postings = current_postings(on).filter(county_id=county_id)
    return User.objects.filter(pk__in=postings.values("specialist"), is_active=True)


def current_postings(on: date) -> QuerySet[Posting]:
    """Specialists' assignments that hold on a day."""
    return Posting.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


def cart_of(request: HttpRequest) -> Cart | None:
    """The cart of whoever asks; None where there is none yet."""
    if request.user.is_authenticated:
        return Cart.objects.filter(user_id=request.user.pk).first()
    if token := request.session.get(CART_SESSION_KEY):
        return Cart.objects.filter(token=token, user=None).first()
    return None


def why_unpayable(cart: PricedCart, now: datetime) -> str:
    """Why this cart, ordered as it is, could not be paid here, as those say who take the money; "" if it can."""
    farmer_ids = [parcel.farmer.pk for parcel in cart.parcels]
    return str(import_string(settings.WHY_UNPAYABLE)(farmer_ids=farmer_ids, now=now))


def round_up_choices(now: datetime) -> list[tuple[str, str]]:
    """(what to keep, name) of what a buyer may round up for, as those say who keep it; none where they could not."""
    found: list[tuple[str, str]] = import_string(settings.ROUND_UP_CHOICES)(now=now)
    return found


def parcels_with_lines() -> ParcelQuerySet:
    """Parcels with what a list of them shows: farmer, county and lines with their pictures."""
    lines = OrderLine.objects.select_related("listing__cover", "listing__produce", "lot")
    return Parcel.objects.select_related("order", "farmer__county", "farmer__storefront").prefetch_related(
        Prefetch("lines", lines)
    )


def events_with_actors() -> Prefetch[Any]:
    """A parcel's events with who brought each about: who posts for somebody is named beside them."""
    return Prefetch("events", ParcelEvent.objects.select_related("actor"))


def orders_of(user: User, *, after: str = "") -> QuerySet[Order]:
    """The buyer's orders, newest first, with their parcels and lines; `after` is the number of the last one seen."""
    mine = Order.objects.visible_to(user).order_by("-pk").prefetch_related(Prefetch("parcels", parcels_with_lines()))
    if after:
        mine = mine.filter(pk__lt=Subquery(Order.objects.visible_to(user).filter(number=after).values("pk")[:1]))
    return mine


def order_page(user: User) -> QuerySet[Order]:
    """The buyer's orders with all that an order's page shows."""
    parcels = parcels_with_lines().prefetch_related(events_with_actors(), "reviews")
    mine = Order.objects.visible_to(user).select_related("coupon_use__coupon")
    return mine.prefetch_related(Prefetch("parcels", parcels))


def to_pack(farmer: Farmer) -> QuerySet[Parcel]:
    """What the farmer has to pack and post, the most urgent first."""
    return parcels_with_lines().of_farmer(farmer).filter(state=Parcel.State.TO_PACK).order_by("post_by", "pk")


def not_packed(farmer: Farmer) -> QuerySet[Parcel]:
    """Of what is to be posted, that whose box nobody has closed yet."""
    packed = Packing.objects.standing().filter(parcel=OuterRef("pk"))
    return to_pack(farmer).filter(~Exists(packed))


def to_pack_with_packings(farmer: Farmer) -> QuerySet[Parcel]:
    """What is to be posted, each with who packed it if somebody did: `.packed`, a list of one or none."""
    standing = Prefetch("packings", Packing.objects.standing().select_related("by"), to_attr="packed")
    return to_pack(farmer).prefetch_related(standing)


def claimed(farmer: Farmer) -> QuerySet[Parcel]:
    """Parcels of which the buyer says that something is wrong, and nobody has decided yet; the oldest first."""
    return Parcel.objects.of_farmer(farmer).filter(state=Parcel.State.CLAIMED).order_by("claim_until", "pk")


def sent(farmer: Farmer) -> QuerySet[Parcel]:
    """What the farmer has posted, or does not have to any more, newest first."""
    return parcels_with_lines().of_farmer(farmer).exclude(state=Parcel.State.TO_PACK).order_by("-pk")


def late_parcels(user: User, *, on: date) -> QuerySet[Parcel]:
    """Late parcels of the counties a specialist is posted to on a day, of all for moderators; the latest first.

    Nothing of the buyer is in them, and no address.
    """
    late = parcels_with_lines().select_related("farmer__user").filter(state=Parcel.State.TO_PACK, is_late=True)
    if not user.is_moderator:
        late = late.filter(farmer__county__in=current_postings(on).filter(specialist=user).values("county"))
    return late.order_by("post_by", "pk")


def waiting_reviews() -> QuerySet[Review]:
    """Reviews whose words or photos a moderator has to look at, oldest first."""
    return (
        Review.objects.filter(status=Review.Status.WAITING)
        .select_related("buyer", "listing__farmer", "listing__produce", "listing__county")
        .prefetch_related(Prefetch("photo_places", ReviewPhoto.objects.select_related("photo")))
        .order_by("written_at", "pk")
    )


def shown_reviews(listing_id: int) -> QuerySet[Review]:
    """What buyers may read about a listing, newest first."""
    return _shown().filter(listing_id=listing_id)


def shown_reviews_of_farmer(farmer_id: int) -> QuerySet[Review]:
    """What buyers may read about all that a farmer has on sale, newest first, with the produce it is about."""
    on_sale = _shown().filter(listing__farmer_id=farmer_id, listing__status=Listing.Status.LIVE)
    return on_sale.select_related("buyer", "listing__produce")


def _shown() -> QuerySet[Review]:
    return (
        Review.objects.filter(status=Review.Status.SHOWN)
        .exclude(words="", photo_places=None)
        .select_related("buyer")
        .prefetch_related(Prefetch("photo_places", ReviewPhoto.objects.select_related("photo")))
    )
