"""What sharing costs, once a parcel has settled: the sharer's reward, and what the buyer's own coupon gives back.

The shop's operator bears both, in an account of its own (SHARING); no farmer has a fen less. It is not done in the move
of the parcel, which must never wait for it: a sweep looks for settled parcels that nothing was decided about yet.
"""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from common.transactions import needs_transaction, use_case
from notifications.services import notify
from orders.models import Coupon, CouponUse, Parcel, RewardChoice
from orders.services.attributing import closes_a_ring
from orders.services.coupons import give_back_coupon
from payments.gateways.direct import DIRECT
from payments.models import Account, CouponPaid, Entry, Payment, Refund, ShareReward
from payments.services.bearing import bear
from payments.services.booking import Move, Place, book, left_of
from payments.services.refunding import lock_payment_of, owe_refund

BATCH = 200
WHOLE = 10_000
Kind, Way, Why = Account.Kind, ShareReward.Way, ShareReward.Why


def due_parcels() -> list[int]:
    """Settled and paid parcels of which a reward or a coupon is still to be decided, the oldest first."""
    rewarding = Q(order__attribution__refused="", share_reward=None)
    giving = Q(coupon_use__isnull=False, coupon_use__returned_at=None, coupon_use__paid=None)
    paid = Parcel.objects.filter(state=Parcel.State.SETTLED, order__paid_at__isnull=False)
    due = paid.filter(rewarding | giving).order_by("settled_at", "pk")
    return list(due.values_list("pk", flat=True)[:BATCH])


@use_case
def follow_settled(*, parcel_id: int, now: datetime) -> bool:
    """Reward the sharer of a settled parcel's order and pay its buyer's coupon. Safe twice; whether this call did something.

    Locks: Payment → Parcel.
    """
    payment = lock_payment_of(Parcel.objects.values_list("order_id", flat=True).get(pk=parcel_id))
    locked = Parcel.objects.select_for_update(of=("self",), no_key=True).select_related("order__buyer", "farmer")
    parcel = locked.filter(pk=parcel_id, state=Parcel.State.SETTLED).first()
    if parcel is None or payment is None:
        return False
    is_paid = _pay_coupon(parcel, payment, now)
    return _reward(parcel, now) or is_paid


def _pay_coupon(parcel: Parcel, payment: Payment, now: datetime) -> bool:
    """The buyer gets their coupon's fen back the way they paid; the coupon itself where that can't be."""
    use = CouponUse.objects.select_related("coupon").filter(parcel=parcel, returned_at=None, paid=None).first()
    if use is None:
        return False
    left_fen = sum(fen for (_line, part), fen in left_of(parcel.pk).items() if part == "GOODS")
    if payment.gateway in DIRECT or left_fen <= use.coupon.fen:
        # The farmer has the money and must not pay for it; or there is nothing left that cost the buyer more.
        return give_back_coupon(parcel, now)
    parcel.refunded_fen += use.coupon.fen
    parcel.save(update_fields=["refunded_fen"])
    refund = owe_refund(payment=payment, amount_fen=use.coupon.fen, reason=Refund.Reason.COUPON, now=now, parcel=parcel)
    bear(refund, Kind.COUPONS, now)
    CouponPaid.objects.create(use=use, refund=refund)
    return True


def _reward(parcel: Parcel, now: datetime) -> bool:
    attribution = getattr(parcel.order, "attribution", None)
    if attribution is None or attribution.refused or ShareReward.objects.filter(parcel=parcel).exists():
        return False
    sharer = attribution.link.sharer
    kept_fen = max(0, parcel.goods_fen - parcel.refunded_fen)
    fen = kept_fen * attribution.reward_basis_points // WHOLE
    why = ""
    if parcel.farmer.user_id == sharer.pk:
        why = Why.OWN
    elif not sharer.is_active:
        why = Why.BLOCKED
    elif closes_a_ring(sharer_id=sharer.pk, buyer_id=parcel.order.buyer_id, now=attribution.attributed_at):
        why = Why.RING
    elif paid_by(sharer, parcel):
        why = Why.SELF
    elif not fen:
        why = Why.REFUNDED
    to_fund = RewardChoice.objects.filter(person=sharer, to_fund=True).exists()
    way = Way.NOTHING if why else Way.FUND if to_fund else Way.COUPON
    coupon = Coupon.objects.create(owner=sharer, fen=fen, given_at=now) if way == Way.COUPON else None
    reward = ShareReward.objects.create(
        parcel=parcel,
        attribution=attribution,
        way=way,
        why=why,
        fen=0 if why else fen,
        coupon=coupon,
        given_at=now,
    )
    if not why:
        _book(reward, parcel, now)
        _tell(reward, now)
    return True


def paid_by(person: User, parcel: Parcel) -> bool:
    """Whether the money for a parcel came from where this person's own orders or gifts were paid from, as the provider says."""
    mark = Payment.objects.filter(order=parcel.order_id, status=Payment.Status.SUCCEEDED).exclude(payer_mark="")
    theirs = Payment.objects.filter(Q(order__buyer=person) | Q(gift__giver=person), paid_at__isnull=False)
    return theirs.filter(payer_mark__in=mark.values("payer_mark")).exists()


@needs_transaction
def _book(reward: ShareReward, parcel: Parcel, now: datetime) -> None:
    """What it costs the operator, and to whom it is owed: the fund, or whoever uses the coupon."""
    owed_to = Place(Kind.FUND if reward.way == Way.FUND else Kind.COUPONS)
    moves = [Move(Place(Kind.SHARING), reward.fen), Move(owed_to, -reward.fen)]
    book(ref=f"reward:{parcel.pk}", kind=Entry.Kind.REWARD, moves=moves, now=now, parcel=parcel)


def _tell(reward: ShareReward, now: datetime) -> None:
    notify(
        recipient=reward.attribution.link.sharer,
        kind="share_rewarded",
        about=f"reward:{reward.pk}",
        now=now,
        link=reverse("orders:share_list"),
        amount_fen=reward.fen,
        **({"audience": "fund"} if reward.way == Way.FUND else {}),
    )
