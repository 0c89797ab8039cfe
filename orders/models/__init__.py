"""What orders stores: carts, orders with one parcel per farmer, their events, postage, reviews."""

from orders.models.carts import Cart, CartLine
from orders.models.orders import Order, OrderLine, Parcel, ParcelEvent
from orders.models.picking import PickList
from orders.models.postage import PostageRate, PostageZone
from orders.models.reviews import Review, ReviewDecision, ReviewPhoto

__all__ = [
    "Cart",
    "CartLine",
    "Order",
    "OrderLine",
    "Parcel",
    "ParcelEvent",
    "PickList",
    "PostageRate",
    "PostageZone",
    "Review",
    "ReviewDecision",
    "ReviewPhoto",
]
