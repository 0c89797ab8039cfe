"""Writing carts. A cart promises nothing: stock is held at checkout, so here it is only looked at."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Region, User
from common.errors import InvalidInput, WrongState
from common.transactions import use_case
from marketplace.models import Listing, Offer
from marketplace.services.stock import OutOfStock
from orders.errors import NotOnSale, OwnProduce
from orders.models import Cart, CartLine, Order, OrderLine
from orders.provinces import remember_province
from orders.queries import CART_SESSION_KEY

MAX_PACKS = 999
MAX_LINES = 60
FORGET_AFTER = timedelta(days=90)  # longer than a session lasts
FORGET_AT_ONCE = 1000


@use_case
def open_cart(*, user: User | None = None, token: UUID | None = None) -> Cart:
    """The buyer's cart, or the guest's with that token; made if it isn't there."""
    if user is not None:
        return Cart.objects.get_or_create(user=user)[0]
    if token is not None and (cart := Cart.objects.filter(token=token, user=None).first()):
        return cart
    return Cart.objects.create()


@use_case
def add_to_cart(*, cart_id: int, listing_id: int, packs: int) -> CartLine:
    """Put packs of a listing in, on top of those that are there. Raises NotOnSale, OwnProduce, OutOfStock, InvalidInput."""
    cart = _locked(cart_id)
    line = cart.lines.filter(listing_id=listing_id).first()
    listing = _on_sale(cart, listing_id)
    if packs < 1:
        raise InvalidInput(_("Please choose at least one box."), field="packs")
    if line is None and cart.lines.count() >= MAX_LINES:
        raise InvalidInput(_("Your cart is full. Please order what is in it first."), field="packs")
    line = line or CartLine(cart=cart, listing=listing, packs=0)  # whoever writes a line holds the cart
    return _fill(line, listing, line.packs + packs, _standing_offer(line, timezone.now()))


@use_case
def add_from_offer(*, cart_id: int, offer_id: int, packs: int, now: datetime) -> CartLine:
    """As add_to_cart, at the offer's price; packs of the same listing that are there already come along.

    Raises WrongState when the offer does not stand (any more); else as add_to_cart, OutOfStock of the offer's slice.
    """
    cart = _locked(cart_id)
    offer = Offer.objects.standing(now).filter(pk=offer_id, lot__closed_at=None).first()
    if offer is None:
        raise WrongState(_("The live price is over."))
    listing = _on_sale(cart, offer.listing_id)
    if packs < 1:
        raise InvalidInput(_("Please choose at least one box."), field="packs")
    line = cart.lines.filter(listing=listing).first()
    if line is None and cart.lines.count() >= MAX_LINES:
        raise InvalidInput(_("Your cart is full. Please order what is in it first."), field="packs")
    line = line or CartLine(cart=cart, listing=listing, packs=0)
    line.offer = offer
    return _fill(line, listing, line.packs + packs, offer)


@use_case
def change_line(*, cart_id: int, line_id: int, packs: int) -> CartLine | None:
    """Set how many packs a line has; 0 takes it out (None). Raises as add_to_cart; WrongState when the line has gone."""
    cart = _locked(cart_id)
    line = cart.lines.filter(pk=line_id).first()
    if packs == 0:
        cart.lines.filter(pk=line_id).delete()
        return None
    if line is None:
        raise WrongState
    if packs < 0:
        raise InvalidInput(_("Please choose at least one box."), field="packs")
    listing = _on_sale(cart, line.listing_id)
    return _fill(line, listing, packs, _standing_offer(line, timezone.now()))


@use_case
def refill_cart(*, user: User, order_id: int) -> int:
    """Put what an order had into the buyer's cart again, as far as it is on sale and left. Returns how many lines came."""
    order = Order.objects.get(pk=order_id, buyer=user)
    cart, _created = Cart.objects.get_or_create(user=user)
    cart = _locked(cart.pk)
    wanted = OrderLine.objects.filter(parcel__order=order).values_list("listing_id").annotate(packs=Sum("packs"))
    listings = Listing.objects.shown().with_stock().in_bulk([listing_id for listing_id, _packs in wanted])
    came = 0
    for listing_id, packs in wanted:
        listing: Any = listings.get(listing_id)
        if listing is None or not listing.left:
            continue
        came += 1
        CartLine.objects.update_or_create(
            cart=cart,
            listing=listing,
            defaults={"packs": min(packs, listing.left, MAX_PACKS), "price_seen_fen": listing.price_fen or 0},
        )
    return came


@use_case
def set_province(*, cart_id: int, province: Region) -> None:
    """Where the cart is to go, for showing postage before an address is chosen."""
    Cart.objects.filter(pk=cart_id).update(province=province)


@use_case
def merge_cart(*, user: User, token: UUID) -> Cart:
    """Move a guest's lines into the buyer's own cart; of a listing in both, the larger number stays. Safe twice."""
    mine, _created = Cart.objects.get_or_create(user=user)
    guests = Cart.objects.select_for_update(no_key=True).filter(token=token, user=None).first()
    if guests is None:
        return mine
    mine = _locked(mine.pk)
    have = {line.listing_id: line for line in mine.lines.all()}
    for line in guests.lines.exclude(listing__farmer__user=user):
        if own := have.get(line.listing_id):
            own.packs = max(own.packs, line.packs)
            own.offer_id = own.offer_id or line.offer_id
            own.save(update_fields=["packs", "offer"])
        elif len(have) < MAX_LINES:
            have[line.listing_id] = CartLine.objects.create(
                cart=mine,
                listing_id=line.listing_id,
                packs=line.packs,
                price_seen_fen=line.price_seen_fen,
                offer_id=line.offer_id,
            )
    if guests.province_id:
        Cart.objects.filter(pk=mine.pk).update(province=guests.province_id)
    guests.delete()
    return mine


@use_case
def forget_guest_carts(*, now: datetime) -> int:
    """Delete guests' carts that nobody touched for FORGET_AFTER, at most FORGET_AT_ONCE. Returns how many; safe twice.

    By then the session that led to them has ended too. They hold no stock, so nothing comes free.
    """
    old = now - FORGET_AFTER
    left = Cart.objects.filter(user=None, updated_at__lt=old).exclude(lines__added_at__gte=old)
    pks = list(left.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:FORGET_AT_ONCE])
    Cart.objects.filter(pk__in=pks).delete()
    return len(pks)


def merge_guest_cart(request: HttpRequest, user: User) -> None:
    """Called once after each sign-in (setting AFTER_SIGN_IN): what the guest gathered is theirs now."""
    if token := request.session.pop(CART_SESSION_KEY, None):
        merge_cart(user=user, token=UUID(token))
    remember_province(request, user)


def _locked(cart_id: int) -> Cart:
    return Cart.objects.select_for_update(no_key=True).get(pk=cart_id)


def _on_sale(cart: Cart, listing_id: int) -> Listing:
    listing = Listing.objects.shown().with_stock().select_related("farmer").filter(pk=listing_id).first()
    if listing is None:
        raise NotOnSale
    if cart.user_id is not None and listing.farmer.user_id == cart.user_id:
        raise OwnProduce
    return listing


def _standing_offer(line: CartLine, now: datetime) -> Offer | None:
    """What pricing.price_cart would take: the line's offer while it stands and has some left."""
    if line.offer_id is None:
        return None
    return Offer.objects.standing(now).filter(pk=line.offer_id, left__gt=0, lot__closed_at=None).first()


def _fill(line: CartLine, listing: Listing, packs: int, offer: Offer | None) -> CartLine:
    """Let a line hold so many packs, of the offer's slice where there is one. Raises OutOfStock, InvalidInput."""
    left: int = offer.left if offer else getattr(listing, "left", 0)
    if packs > left:
        raise OutOfStock(listing.pk, left)
    if packs > MAX_PACKS:
        raise InvalidInput(_("At most %(most)s boxes can be ordered at once."), field="packs", most=MAX_PACKS)
    usual = listing.price_fen or 0
    line.packs, line.price_seen_fen = packs, min(offer.price_fen, usual) if offer else usual
    line.save()
    return line
