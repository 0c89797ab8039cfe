"""Orders as they went: placed, paid or not, posted in time or late, received, reviewed, cancelled, settled."""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial

from accounts.models import User
from common.errors import DomainError
from config.demo import words
from config.demo.farms import Farms
from config.demo.timeline import Timeline
from marketplace.models import Listing
from marketplace.services.sharing import count_opening, make_link
from marketplace.things import thing_of
from orders.models import Order, Parcel, Review
from orders.pricing import price_cart
from orders.queries import round_up_choices
from orders.services import carts, parcels, paying, placing, reviews
from payments.gateways.sandbox import NAME, provider
from payments.gateways.sandbox.gateway import SandboxGateway
from payments.gateways.sandbox.notifier import mark_taken
from payments.models import Claim, Payment, SandboxTrade
from payments.services import claiming, refunding, settling, starting
from payments.services.cancelling import cancel_and_refund

TRIES = 6
COURIERS = [Parcel.Courier.SF, Parcel.Courier.EMS, Parcel.Courier.YTO, Parcel.Courier.ZTO, Parcel.Courier.JT]


class ClaimFate(Enum):
    """How far a claim gets."""

    OPEN = auto()
    DISPUTED = auto()
    DECIDED = auto()


@dataclass(frozen=True)
class Fate:
    """What becomes of an order; None: it does not happen (by anybody's hand). `by_link`: the demo buyer had shared it."""

    pays: bool = True
    posted_after: timedelta | None = timedelta(days=1)
    received_after: timedelta | None = timedelta(days=3)
    stars: int | None = None
    cancelled_after: timedelta | None = None
    farmer_cancels: bool = False
    claim: ClaimFate | None = None
    by_link: bool = False


def any_fate(dice: random.Random) -> Fate:
    """Most go well; some are late, cancelled, never paid, or left for the clock to settle."""
    chance = dice.random()
    if chance < 0.04:
        return Fate(pays=False)
    if chance < 0.08:
        return Fate(cancelled_after=timedelta(hours=dice.randint(1, 9)), farmer_cancels=dice.random() < 0.4)
    posted = timedelta(hours=dice.randint(8, 60)) if chance > 0.12 else timedelta(hours=dice.randint(90, 130))
    return Fate(
        posted_after=posted,
        received_after=timedelta(hours=dice.randint(40, 130)) if dice.random() < 0.85 else None,
        stars=dice.choices([5, 4, 3, 2, 1], [64, 24, 7, 3, 2])[0] if dice.random() < 0.6 else None,
    )


def pay_at_sandbox(payment: Payment, when: datetime) -> None:
    """At the sandbox provider, whose word is then believed as if it had been asked for it."""
    trade = provider.create_trade(
        reference=payment.reference,
        subject=str(payment.paid_for),
        amount_fen=payment.amount_fen,
        notify_url="http://localhost/",
        return_url="http://localhost/",
        expires_at=payment.pay_by,
        now=when,
    )
    provider.decide(token=trade.token, decision=provider.Decision.PAY, now=when)
    mark_taken(trade_id=SandboxTrade.objects.get(token=trade.token).pk, now=when)
    event = SandboxGateway().query(payment).paid
    if event is None:
        raise RuntimeError(f"the sandbox forgot {payment.reference}")
    settling.settle(event, when)


class History:
    """Puts orders on the timeline."""

    def __init__(self, timeline: Timeline, farms: Farms, dice: random.Random) -> None:
        self.timeline, self.farms, self.dice = timeline, farms, dice
        self.moderators = farms.cast.moderators
        self.donors = random.Random(len(farms.cast.buyers))  # of its own, so that who rounds up changes nothing else

    def order_at(self, when: datetime, buyer: User, fate: Fate, wanted: list[Listing] | None = None) -> None:
        """Let `buyer` order at `when`: some of what is on sale then, or the listings given."""
        self.timeline.at(when, partial(self._place, buyer, fate, wanted))

    def _place(self, buyer: User, fate: Fate, wanted: list[Listing] | None, when: datetime) -> None:
        """Try until something can be had: what was picked may be sold out, or would not survive the way."""
        for _ in range(TRIES):
            order = self._try_to_order(buyer, wanted or self._some_listings(), when, by_link=fate.by_link)
            if order is not None:
                self._go_on(order, fate, when)
                return

    def _try_to_order(self, buyer: User, wanted: list[Listing], when: datetime, *, by_link: bool) -> Order | None:
        cart = carts.open_cart(user=buyer)
        try:
            for listing in wanted:
                packs = self.dice.choice([1, 1, 1, 2, 3])
                carts.add_to_cart(cart_id=cart.pk, listing_id=listing.pk, packs=packs)
            return self._check_out(buyer, cart.pk, when, led_by=self._link_to(wanted[0], when) if by_link else "")
        except DomainError:
            cart.lines.all().delete()
            return None

    def _some_listings(self) -> list[Listing]:
        on_sale = self.farms.on_sale
        return self.dice.sample(on_sale, min(len(on_sale), self.dice.choice([1, 1, 2, 2, 3])))

    def _link_to(self, listing: Listing, when: datetime) -> str:
        """The code of the demo buyer's link to a listing."""
        thing = thing_of("LISTING", listing.pk)
        if thing is None:
            return ""
        link = make_link(sharer=self.farms.cast.buyer, thing=thing, now=when)
        count_opening(link_id=link.pk)
        return link.code

    def _check_out(self, buyer: User, cart_id: int, when: datetime, *, led_by: str) -> Order:
        address = buyer.addresses.get(is_default=True)
        cart = carts.open_cart(user=buyer)
        total = price_cart(list(cart.lines.all()), province=address.province_id, now=when).total_fen
        choices = round_up_choices(when)
        rounds_up = bool(choices) and self.donors.random() < 0.2
        return placing.place_order(
            buyer=buyer,
            cart_id=cart_id,
            address_id=address.pk,
            checkout_key=uuid.UUID(int=self.dice.getrandbits(128), version=4),
            expected_total_fen=total,
            note=self.dice.choice(words.ORDER_NOTES),
            now=when,
            led_by=led_by,
            round_up_for=self.donors.choice(choices)[0] if rounds_up else "",
        )

    def _go_on(self, order: Order, fate: Fate, placed_at: datetime) -> None:
        if fate.pays:
            pays_at = placed_at + timedelta(seconds=self.dice.randint(25, 500))
            self.timeline.at(pays_at, partial(self._pay, order, fate))
        else:
            self.timeline.at(order.pay_by + timedelta(seconds=15), partial(self._release, order))

    def _release(self, order: Order, when: datetime) -> None:
        paying.release_order(order_id=order.pk, now=when)

    def _pay(self, order: Order, fate: Fate, when: datetime) -> None:
        pay_at_sandbox(starting.open_payment(order_id=order.pk, buyer=order.buyer, gateway=NAME, now=when), when)
        for parcel in order.parcels.select_related("farmer__user"):
            self._watch(parcel)
            self._follow(parcel, order, fate, when)

    def _follow(self, parcel: Parcel, order: Order, fate: Fate, paid_at: datetime) -> None:
        if fate.cancelled_after is not None:
            actor = parcel.farmer.user if fate.farmer_cancels else order.buyer
            self.timeline.at(paid_at + fate.cancelled_after, partial(self._cancel, parcel, actor))
        elif fate.posted_after is not None and not parcel.lines.filter(lot__picked_on=None).exists():
            self.timeline.at(paid_at + fate.posted_after, partial(self._post, parcel, order, fate))

    def _cancel(self, parcel: Parcel, actor: User, when: datetime) -> None:
        reason = self.dice.choice(words.CANCEL_REASONS) if actor == parcel.farmer.user else ""
        cancel_and_refund(parcel_id=parcel.pk, actor=actor, reason=reason, now=when)
        self.timeline.at(when + timedelta(minutes=2), self._give_back)

    def _give_back(self, when: datetime) -> None:
        for refund_id in refunding.claim_refunds(when):
            refunding.send_refund(refund_id=refund_id, now=when)

    def _post(self, parcel: Parcel, order: Order, fate: Fate, when: datetime) -> None:
        courier = self.dice.choice(COURIERS)
        digits = "".join(str(self.dice.randrange(10)) for _ in range(13))
        posted = parcels.post_parcel(
            parcel_id=parcel.pk,
            actor=parcel.farmer.user,
            courier=courier,
            tracking_number=f"SF{digits}" if courier == Parcel.Courier.SF else digits,
            now=when,
        )
        self._watch(posted)
        if fate.received_after is not None:
            self.timeline.at(when + fate.received_after, partial(self._receive, parcel, order, fate))

    def _receive(self, parcel: Parcel, order: Order, fate: Fate, when: datetime) -> None:
        self._watch(parcels.receive_parcel(parcel_id=parcel.pk, actor=order.buyer, now=when))
        if fate.stars is not None:
            later = when + timedelta(hours=self.dice.randint(1, 70))
            self.timeline.at(later, partial(self._review, parcel, order, fate.stars))
        if fate.claim is not None:
            later = when + timedelta(hours=self.dice.randint(2, 6))
            self.timeline.at(later, partial(self._claim, parcel, order, fate.claim))

    def _claim(self, parcel: Parcel, order: Order, fate: ClaimFate, when: datetime) -> None:
        claim = claiming.open_claim(
            parcel_id=parcel.pk,
            buyer=order.buyer,
            kind=Claim.Kind.SPOILED,
            words=self.dice.choice(words.CLAIMS),
            asked_fen=parcel.goods_fen // 4,
            uploads=[],
            now=when,
        )
        self._watch(Parcel.objects.get(pk=parcel.pk))
        if fate is not ClaimFate.OPEN:
            later = when + timedelta(hours=self.dice.randint(3, 12))
            self.timeline.at(later, partial(self._dispute, claim, parcel, fate))

    def _dispute(self, claim: Claim, parcel: Parcel, fate: ClaimFate, when: datetime) -> None:
        answer = self.dice.choice(words.CLAIM_ANSWERS)
        claiming.dispute_claim(claim_id=claim.pk, farmer=parcel.farmer.user, words=answer, offered_fen=None, now=when)
        if fate is ClaimFate.DECIDED:
            self.timeline.at(when + timedelta(hours=self.dice.randint(2, 20)), partial(self._decide, claim))

    def _decide(self, claim: Claim, when: datetime) -> None:
        claiming.decide_claim(
            claim_id=claim.pk,
            moderator=self.dice.choice(self.moderators),
            back_fen=claim.asked_fen,
            reason=words.CLAIM_REASON,
            now=when,
        )
        self.timeline.at(when + timedelta(minutes=2), self._give_back)

    def _review(self, parcel: Parcel, order: Order, stars: int, when: datetime) -> None:
        for listing_id in sorted(set(parcel.lines.values_list("listing_id", flat=True))):
            review = reviews.write_review(
                parcel_id=parcel.pk,
                listing_id=listing_id,
                buyer=order.buyer,
                stars=stars,
                words=self.dice.choice(words.REVIEWS[stars]) if self.dice.random() < 0.75 else "",
                uploads=[],
                now=when,
            )
            if review.status == Review.Status.WAITING:
                self.timeline.at(when + timedelta(hours=self.dice.randint(2, 70)), partial(self._show, review))

    def _show(self, review: Review, when: datetime) -> None:
        moderator = self.dice.choice(self.moderators)
        reviews.decide_review(review_id=review.pk, moderator=moderator, shown=True, reason="", now=when)

    def _watch(self, parcel: Parcel) -> None:
        """Let the parcel's own timer go off when it is due."""
        if parcel.timer_at is not None:
            self.timeline.at(parcel.timer_at + timedelta(seconds=20), partial(self._tick, parcel.pk))

    def _tick(self, parcel_id: int, when: datetime) -> None:
        if parcels.run_timer(parcel_id=parcel_id, now=when):
            self._watch(Parcel.objects.get(pk=parcel_id))
