"""Putting a coupon to an order, and giving it back when nothing came of that. The money follows once a parcel has settled."""

from datetime import datetime

from accounts.models import User
from common.transactions import needs_transaction, use_case
from orders.clock import Event
from orders.errors import CouponGone, CouponTooLarge
from orders.models import Coupon, CouponUse, Order, Parcel, RewardChoice


@needs_transaction
def put_coupon(order: Order, coupon_id: int, now: datetime) -> CouponUse:
    """Use a coupon for a new order; a step. The caller holds the buyer, whose coupon it has to be.

    Raises CouponGone for one that is another's, used, or none at all; CouponTooLarge where no parcel's produce costs more.
    """
    coupon = Coupon.objects.filter(pk=coupon_id, owner=order.buyer_id).first()
    if coupon is None or CouponUse.objects.filter(coupon=coupon, returned_at=None).exists():
        raise CouponGone(field="coupon")
    parcel = order.parcels.order_by("-goods_fen", "pk").first()
    if parcel is None or parcel.goods_fen <= coupon.fen:
        raise CouponTooLarge(field="coupon")
    return CouponUse.objects.create(coupon=coupon, order=order, parcel=parcel, used_at=now)


@needs_transaction
def follow_parcel(*, parcel: Parcel, event: Event, now: datetime) -> None:
    """A parcel that is cancelled, was not paid or not taken gives its coupon back; a step (settings.AFTER_PARCEL_MOVES)."""
    if parcel.state in (Parcel.State.CANCELLED, Parcel.State.RELEASED, Parcel.State.REFUSED):
        give_back_coupon(parcel, now)


@needs_transaction
def give_back_coupon(parcel: Parcel, now: datetime) -> bool:
    """Let the coupon put to a parcel be used again; a step. The caller holds the parcel. Whether there was one."""
    return bool(CouponUse.objects.filter(parcel=parcel, returned_at=None).update(returned_at=now))


@use_case
def choose_reward(*, person: User, to_fund: bool) -> None:
    """Say what is to become of what one earns by sharing from now on."""
    RewardChoice.objects.update_or_create(person=person, defaults={"to_fund": to_fund})
