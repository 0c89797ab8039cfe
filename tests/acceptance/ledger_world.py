"""What every walk over the ledger starts from (tests/acceptance/ledger_walk.py)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import Farmer, User
from marketplace.models import Listing
from orders.services import parcels
from payments.models import Payment
from payments.services import paying_out, settle
from tests.make import make_farmer, make_finance, make_listing, make_moderator, make_user
from tests.orders.making import post
from tests.payments.offline_scene import make_code
from tests.payments.on_delivery_scene import offer
from tests.payments.scene import make_order, make_payment, paid_event

#: Prices that split badly, and one of a single fen.
PRICES = ((1, 333), (1000, 4980), (7, 9999))


@dataclass
class World:
    """What every walk starts from: a buyer with parcels at each stage, three farms, and people who decide."""

    buyer: User = field(default_factory=lambda: make_user("Buyer"))
    one: User = field(default_factory=lambda: make_finance("One"))
    two: User = field(default_factory=lambda: make_finance("Two"))
    moderator: User = field(default_factory=make_moderator)
    another: User = field(default_factory=make_moderator)
    listings: list[Listing] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    receipts: Counter[int] = field(default_factory=Counter)

    def begin(self, now: datetime) -> None:
        """Orders to pack, on the way, received and settled; payouts prepared, on the way and paid."""
        self.listings = [make_listing(farm, price_fen=fen, packs=9999) for farm, pair in _farms() for fen in pair]
        for stage in (0, 1, 2, 2, 3, 3):
            self._order({self.listings[stage]: 2, self.listings[-1 - stage]: 1}, stage, now)
        batch = paying_out.prepare_batch(actor=self.one, now=now)
        paying_out.approve_batch(batch_id=batch.pk, actor=self.two, now=now)
        first, *_rest = paying_out.send_batch(batch_id=batch.pk, actor=self.one, now=now)
        paying_out.confirm_payout(payout_id=first.pk, actor=self.one, now=now)
        self.receipts[first.farmer_id] = first.amount_fen
        self._order({next(each for each in self.listings if each.farmer_id == first.farmer_id): 1}, 3, now)
        paying_out.prepare_batch(actor=self.one, now=now)

    def _order(self, wanted: dict[Listing, int], stage: int, now: datetime) -> None:
        """A paid order, posted from stage 1 on, received from 2 on, settled from 3 on."""
        order = make_order(wanted, buyer=self.buyer)
        self.payments.append(make_payment(order))
        settle(paid_event(self.payments[-1]), now)
        for parcel in order.parcels.select_related("farmer__user").order_by("pk"):
            if stage >= 1:
                post(parcel, now=now)
            if stage >= 2:
                parcels.receive_parcel(parcel_id=parcel.pk, actor=self.buyer, now=now)
            if stage >= 3:
                parcels.run_timer(parcel_id=parcel.pk, now=now + timedelta(hours=49))


def _farms() -> list[tuple[Farmer, tuple[int, int]]]:
    farms = [(make_farmer(), pair) for pair in PRICES]
    for farmer, _pair in farms:
        make_code(farmer)
        offer(farmer)
    return farms
