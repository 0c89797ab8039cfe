"""What a cart costs now, by farmer: prices, stock, postage and survival read afresh. Cart, checkout and placement share it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import Farmer
from marketplace.models import Listing, Lot, Offer
from orders import postage
from orders.models import CartLine


@dataclass
class PricedLine:
    """A cart line beside what is true now. `lots` are those that still have packs, in selling order.

    `offer` stands now and has some left; then its lot is the only one, and its slice all there is.
    """

    line: CartLine
    listing: Listing
    lots: list[Lot]
    on_sale: bool
    offer: Offer | None = None
    verdict: postage.Verdict | None = None

    @property
    def packs(self) -> int:
        return self.line.packs

    @property
    def left(self) -> int:
        return self.offer.left if self.offer else sum(lot.left for lot in self.lots)

    @property
    def is_short(self) -> bool:
        """More is wanted than there is."""
        return self.packs > self.left

    @property
    def spoils(self) -> bool:
        return bool(self.verdict and self.verdict.spoils)

    @property
    def price_fen(self) -> int:
        usual = self.listing.price_fen or 0
        return min(self.offer.price_fen, usual) if self.offer else usual

    @property
    def was_fen(self) -> int | None:
        """The price the buyer saw when they put it in, where it has changed."""
        return self.line.price_seen_fen if self.line.price_seen_fen != self.price_fen else None

    @property
    def total_fen(self) -> int:
        return self.price_fen * self.packs

    @property
    def grams(self) -> int:
        return (self.listing.pack_grams or 0) * self.packs

    @property
    def presale(self) -> Lot | None:
        """The lot not picked yet from which the last of these packs would come, if any."""
        if self.offer:
            return self.offer.lot if self.offer.lot.is_presale else None
        missing = self.packs
        for lot in self.lots:
            missing -= lot.left
            if missing <= 0:
                return lot if lot.is_presale else None
        return None


@dataclass
class PricedParcel:
    """One farmer's part: lines that are on sale, and its postage (`journey` None: no province yet, or no route)."""

    farmer: Farmer
    lines: list[PricedLine] = field(default_factory=list)
    journey: postage.Quote | None = None

    @property
    def goods_fen(self) -> int:
        return sum(line.total_fen for line in self.lines)

    @property
    def grams(self) -> int:
        return sum(line.grams for line in self.lines)

    @property
    def postage_fen(self) -> int:
        return self.journey.fen if self.journey else 0

    @property
    def total_fen(self) -> int:
        return self.goods_fen + self.postage_fen

    @property
    def presale(self) -> Lot | None:
        """The lot not picked yet that the parcel waits for longest, if any."""
        waits = [line.presale for line in self.lines if line.presale]
        return max(waits, key=lambda lot: lot.expected_until or date.min) if waits else None


@dataclass
class PricedCart:
    """The whole cart for one destination province ("" while unknown)."""

    province: str
    parcels: list[PricedParcel]
    gone: list[PricedLine]

    @property
    def lines(self) -> list[PricedLine]:
        """Those on sale, of all farmers."""
        return [line for parcel in self.parcels for line in parcel.lines]

    @property
    def goods_fen(self) -> int:
        return sum(parcel.goods_fen for parcel in self.parcels)

    @property
    def postage_fen(self) -> int:
        return sum(parcel.postage_fen for parcel in self.parcels)

    @property
    def total_fen(self) -> int:
        return self.goods_fen + self.postage_fen

    @property
    def round_up_fen(self) -> int:
        """What is missing to the next whole yuan above: 1 to 100."""
        return 100 - self.total_fen % 100

    @property
    def rounded_fen(self) -> int:
        return self.total_fen + self.round_up_fen

    @property
    def is_orderable(self) -> bool:
        """Whether all that is on sale can be sent as it is. Lines no longer on sale stay behind and stop nothing."""
        return (
            bool(self.parcels)
            and all(parcel.journey for parcel in self.parcels)
            and not any(line.is_short or line.spoils for line in self.lines)
        )

    @property
    def wanted(self) -> dict[int, int]:
        """Packs by listing id, for holding stock."""
        return {line.listing.pk: line.packs for line in self.lines}

    @property
    def offers(self) -> dict[int, Offer]:
        """By listing id: the offers that lines are bought from."""
        return {line.listing.pk: line.offer for line in self.lines if line.offer}


def price_cart(lines: Sequence[CartLine], *, province: str, now: datetime) -> PricedCart:
    """Price cart lines for a destination province code at a moment; four queries, however many lines and farmers.

    One more when some were put in at an offer's price, which counts only while it stands.
    """
    listings = _listings(line.listing_id for line in lines)
    offers = _offers([line.offer_id for line in lines if line.offer_id], now)
    priced = [_price_line(line, listings[line.listing_id], offers.get(line.offer_id or 0)) for line in lines]
    parcels: dict[int, PricedParcel] = {}
    for line in priced:
        if line.on_sale:
            farmer = line.listing.farmer
            parcels.setdefault(farmer.pk, PricedParcel(farmer)).lines.append(line)
    cart = PricedCart(province, list(parcels.values()), [line for line in priced if not line.on_sale])
    if province and parcels:
        _add_postage(cart, timezone.localdate(now))
    return cart


def _listings(listing_ids: Iterable[int]) -> dict[int, Listing]:
    lots = Prefetch("lots", Lot.objects.open().with_some_left().in_selling_order(), to_attr="lots_on_sale")
    listings = Listing.objects.select_related("farmer__storefront", "produce", "cover").defer("search_vector")
    found: dict[int, Any] = listings.prefetch_related("farmer__county", lots).in_bulk(list(listing_ids))
    return found


def _offers(offer_ids: Sequence[int], now: datetime) -> dict[int, Offer]:
    """Those whose price holds now and that have some left: without any, a line costs what it usually does."""
    if not offer_ids:
        return {}
    standing = Offer.objects.standing(now).filter(left__gt=0, lot__closed_at=None).select_related("lot")
    return standing.in_bulk(offer_ids)


def _price_line(line: CartLine, listing: Listing, offer: Offer | None) -> PricedLine:
    shown = listing.status == Listing.Status.LIVE and listing.farmer.status == Farmer.Status.VERIFIED
    if offer and offer.listing_id == listing.pk:
        return PricedLine(line, listing, [offer.lot], on_sale=shown, offer=offer)
    lots: list[Lot] = getattr(listing, "lots_on_sale", [])
    return PricedLine(line, listing, lots, on_sale=shown and bool(lots))


def _add_postage(cart: PricedCart, on: date) -> None:
    """Quote each parcel and judge each line's journey."""
    rates = postage.rates_to(cart.province, {line.listing.province_id for line in cart.lines})
    for parcel in cart.parcels:
        rate = rates.get(parcel.lines[0].listing.province_id)
        if rate is None:
            continue
        cold = any(line.listing.produce and postage.needs_cold(line.listing.produce) for line in parcel.lines)
        parcel.journey = postage.quote(rate, parcel.grams, cold=cold)
        for line in parcel.lines:
            line.verdict = postage.survival(
                keeps_days=line.listing.keeps_days or 0,
                picked_on=line.lots[0].picked_on,
                on=on,
                journey=parcel.journey,
            )
