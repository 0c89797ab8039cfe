"""Placing an order: a cart becomes one order with one parcel per farmer, its stock held until it has to be paid."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Address, Farmer, User
from common.errors import InvalidInput, NotAllowed
from common.money import MAX_FEN, split_by_weight
from common.transactions import needs_transaction, use_case
from marketplace.models import Hold, Listing
from marketplace.services import stock
from marketplace.shares import Shares, share_out
from notifications.services import notify
from notifications.webhooks import publish
from orders.errors import CartChanged, NothingToOrder, NotOnSale, OwnProduce, PriceChanged
from orders.models import Cart, CartLine, Order, OrderLine, Parcel
from orders.pricing import PricedCart, PricedLine, PricedParcel, price_cart
from orders.queries import round_up_choices
from orders.services.attributing import attribute
from orders.services.coupons import put_coupon

NOTE_LENGTH = 200
_READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, no 1/I


@use_case
def place_order(
    *,
    buyer: User,
    cart_id: int,
    address_id: int,
    checkout_key: UUID,
    expected_total_fen: int,
    note: str,
    now: datetime,
    led_by: str = "",
    coupon_id: int | None = None,
    round_up_for: str = "",
) -> Order:
    """Turn the buyer's cart into an order that holds its stock until `pay_by`.

    Asking twice with one `checkout_key` gives the same order. `expected_total_fen` is what the buyer saw: anything else
    raises PriceChanged. `led_by` is the code of the shared link they came by, if any; `coupon_id` a coupon of theirs. With
    `round_up_for` (one of `round_up_choices`) the order is rounded up to the next yuan for it, on top of that.
    Raises NotAllowed for another's cart or address, NothingToOrder, CartChanged, OwnProduce, OutOfStock, CouponGone,
    CouponTooLarge; then nothing is saved. Lines no longer on sale stay in the cart.
    """
    _lock_buyer(buyer)
    if placed := Order.objects.filter(buyer=buyer, checkout_key=checkout_key).first():
        return placed
    if len(note) > NOTE_LENGTH:
        raise InvalidInput(_("The note is too long."), field="note")
    address = _address(buyer, address_id)
    cart = _price_locked(buyer, cart_id, address, now)
    _check(cart, buyer, expected_total_fen)
    order = _new_order(buyer, checkout_key, address, cart, note, now)
    if round_up_for:
        _round_up(order, cart, round_up_for, now)
    holds = stock.hold_stock(
        order_number=order.number, wanted=cart.wanted, now=now, expires_at=order.pay_by, offers=cart.offers
    )
    order.save(force_insert=True)
    _write_parcels(order, cart.parcels, holds)
    attribute(order, led_by, now)
    if coupon_id is not None:
        put_coupon(order, coupon_id, now)
    CartLine.objects.filter(pk__in=[line.line.pk for line in cart.lines]).delete()
    notify(
        recipient=buyer,
        kind="order_placed",
        about=f"order:{order.pk}",
        now=now,
        link=reverse("orders:order_detail", args=[order.number]),
        number=order.number,
        amount_fen=order.total_fen,
        until=order.pay_by,
    )
    publish("order.placed", to=[buyer.pk], now=now, order=order.number, total_fen=order.total_fen)
    return order


def _lock_buyer(buyer: User) -> None:
    """One checkout of a person at a time: a second press waits here, then finds the order of the first."""
    User.objects.select_for_update(no_key=True).values_list("pk").get(pk=buyer.pk)


def _address(buyer: User, address_id: int) -> Address:
    address = (
        Address.objects.filter(user=buyer, pk=address_id).select_related("province", "prefecture", "county").first()
    )
    if address is None:
        raise NotAllowed(_("Please choose one of your addresses."), field="address")
    return address


def _price_locked(buyer: User, cart_id: int, address: Address, now: datetime) -> PricedCart:
    """The buyer's cart, locked against a second tab, priced for where it goes."""
    cart = Cart.objects.select_for_update(no_key=True).filter(pk=cart_id, user=buyer).first()
    if cart is None:
        raise NotAllowed
    return price_cart(list(cart.lines.all()), province=address.province_id, now=now)


def _check(cart: PricedCart, buyer: User, expected_total_fen: int) -> None:
    """Raise the first reason why this cart cannot be ordered for that total."""
    if not cart.lines:
        raise NothingToOrder
    if any(parcel.farmer.user_id == buyer.pk for parcel in cart.parcels):
        raise OwnProduce
    if short := next((line for line in cart.lines if line.is_short), None):
        raise stock.OutOfStock(short.listing.pk, short.left)
    if not cart.is_orderable:
        raise CartChanged
    if cart.total_fen > MAX_FEN:
        raise InvalidInput(_("This is too much for one order. Please order it in parts."))
    if cart.total_fen != expected_total_fen:
        raise PriceChanged(cart.total_fen)


def _new_order(buyer: User, checkout_key: UUID, address: Address, cart: PricedCart, note: str, now: datetime) -> Order:
    return Order(
        number=new_number(),
        buyer=buyer,
        checkout_key=checkout_key,
        goods_fen=cart.goods_fen,
        postage_fen=cart.postage_fen,
        total_fen=cart.total_fen,
        recipient=address.recipient,
        phone=address.phone,
        province=address.province,
        address=whole_address(address),
        note=note,
        placed_at=now,
        pay_by=now + settings.TIME_TO_PAY,
    )


def _round_up(order: Order, cart: PricedCart, round_up_for: str, now: datetime) -> None:
    if round_up_for not in dict(round_up_choices(now)):
        raise InvalidInput(_("That cannot be rounded up for any more. Please look again."), field="round_up_for")
    order.round_up_fen, order.round_up_for = cart.round_up_fen, round_up_for
    order.total_fen = cart.rounded_fen


def new_number() -> str:
    """A number to read out on the phone that nobody can guess: K7MX2-Q9THR (50 bits)."""
    while True:
        letters = "".join(secrets.choice(_READABLE) for _place in range(10))
        number = f"{letters[:5]}-{letters[5:]}"
        if not Order.objects.filter(number=number).exists():
            return number


def whole_address(address: Address) -> str:
    """The address in one line and in Chinese, as couriers in China write it."""
    prefecture = "" if address.prefecture.is_virtual else address.prefecture.name_zh
    if prefecture == address.province.name_zh:
        prefecture = ""
    county = address.county.name_zh if address.county else ""
    return f"{address.province.name_zh}{prefecture}{county} {address.detail}"


def _write_parcels(order: Order, priced: Iterable[PricedParcel], holds: Iterable[Hold]) -> None:
    """One parcel per farmer, with its lines frozen."""
    by_listing: dict[int, list[Hold]] = defaultdict(list)
    for hold in holds:
        by_listing[hold.lot.listing_id].append(hold)
    lines: list[OrderLine] = []
    for place, part in enumerate(priced, start=1):
        if part.journey is None:
            raise CartChanged
        parcel = Parcel.objects.create(
            order=order,
            farmer=part.farmer,
            number=f"{order.number}-{place}",
            goods_fen=part.goods_fen,
            postage_fen=part.postage_fen,
            weight_grams=part.grams,
            days_min=part.journey.days_min,
            days_max=part.journey.days_max,
        )
        frozen = [_frozen_line(parcel, line, hold) for line in part.lines for hold in by_listing[line.listing.pk]]
        freeze_shares(frozen, goods=share_out(parcel.goods_fen), postage_fen=parcel.postage_fen)
        lines += frozen
    OrderLine.objects.bulk_create(lines)


def freeze_shares(lines: Sequence[OrderLine], *, goods: Shares, postage_fen: int) -> None:
    """Give each line its part of what goes to platform, fund and courier: parts that add up to the parcel's, to the fen."""
    worth = [line.total_fen for line in lines]
    platform = split_by_weight(goods.platform_fen, worth)
    fund = split_by_weight(goods.fund_fen, worth)
    postage = split_by_weight(postage_fen, [line.pack_grams * line.packs for line in lines])
    for line, *parts in zip(lines, platform, fund, postage, strict=True):
        line.platform_fen, line.fund_fen, line.postage_fen = parts


def _frozen_line(parcel: Parcel, priced: PricedLine, hold: Hold) -> OrderLine:
    listing = priced.listing
    if listing.produce is None or listing.pack_grams is None or listing.approved_revision_id is None:
        raise CartChanged  # a listing on sale has them all: the database says so
    return OrderLine(
        parcel=parcel,
        listing=listing,
        revision_id=listing.approved_revision_id,
        lot=hold.lot,
        hold=hold,
        offer=hold.offer,
        produce_zh=listing.produce.name_zh,
        produce_en=listing.produce.name_en,
        pack_grams=listing.pack_grams,
        packs=hold.packs,
        unit_price_fen=priced.price_fen,
        total_fen=priced.price_fen * hold.packs,
    )


@needs_transaction
def hold_again(order: Order, now: datetime) -> None:
    """Take a released order's packs once more, from whichever lots have them now; a step.

    Prices and names stay as they were frozen; only the lots may differ. What was bought at an offer's price comes from
    its slice again, or not at all: that many were announced. Raises OutOfStock, or NotOnSale when something was taken
    off in the meantime.
    """
    parcels = order.parcels.prefetch_related("lines__listing__farmer", "lines__offer").order_by("pk")
    lines = [line for parcel in parcels for line in parcel.lines.all()]
    wanted: dict[int, int] = defaultdict(int)
    first: dict[int, OrderLine] = {}
    for line in lines:
        if line.listing.status != Listing.Status.LIVE or line.listing.farmer.status != Farmer.Status.VERIFIED:
            raise NotOnSale
        wanted[line.listing_id] += line.packs
        first.setdefault(line.listing_id, line)
    offers = {line.listing_id: line.offer for line in lines if line.offer}
    holds = stock.hold_stock(order_number=order.number, wanted=wanted, now=now, expires_at=order.pay_by, offers=offers)
    again = [_line_like(first[hold.lot.listing_id], hold) for hold in holds]
    for parcel in parcels:
        _keep_shares(list(parcel.lines.all()), [line for line in again if line.parcel_id == parcel.pk])
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    OrderLine.objects.bulk_create(again)


def _keep_shares(before: Sequence[OrderLine], after: Sequence[OrderLine]) -> None:
    """The shares frozen at placement, over a parcel's new lines."""
    goods = Shares(
        total_fen=sum(line.total_fen for line in before),
        platform_fen=sum(line.platform_fen for line in before),
        fund_fen=sum(line.fund_fen for line in before),
    )
    freeze_shares(after, goods=goods, postage_fen=sum(line.postage_fen for line in before))


def _line_like(line: OrderLine, hold: Hold) -> OrderLine:
    """The same line on another hold."""
    return OrderLine(
        parcel_id=line.parcel_id,
        listing_id=line.listing_id,
        revision_id=line.revision_id,
        lot=hold.lot,
        hold=hold,
        offer=hold.offer,
        produce_zh=line.produce_zh,
        produce_en=line.produce_en,
        pack_grams=line.pack_grams,
        packs=hold.packs,
        unit_price_fen=line.unit_price_fen,
        total_fen=line.unit_price_fen * hold.packs,
    )
