"""What orders stores: carts, orders with one parcel per farmer, their events, postage, reviews."""

from orders.models.carts import Cart, CartLine
from orders.models.coupons import Coupon, CouponUse, RewardChoice
from orders.models.orders import Order, OrderLine, Parcel, ParcelEvent
from orders.models.packing import Packing
from orders.models.picking import PickList
from orders.models.postage import PostageRate, PostageZone
from orders.models.reviews import Review, ReviewDecision, ReviewPhoto
from orders.models.sharing import Attribution

__all__ = [
    "Attribution",
    "Cart",
    "CartLine",
    "Coupon",
    "CouponUse",
    "Order",
    "OrderLine",
    "Packing",
    "Parcel",
    "ParcelEvent",
    "PickList",
    "PostageRate",
    "PostageZone",
    "Review",
    "ReviewDecision",
    "ReviewPhoto",
    "RewardChoice",
]
