"""What orders refuse, each with a stable code."""

from django.db import OperationalError
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, WrongState

_WAITED_TOO_LONG = {"55P03", "40P01", "57014"}  # lock_timeout, deadlock, statement_timeout


class Busy(DomainError):
    """Too many people at the same lots: the wait for them was given up and nothing was saved. Trying again is safe."""

    code = "busy"
    passes = True
    default_message = _(
        "Many people are ordering this right now. Nothing has been charged; please press the button again."
    )


def waited_too_long(error: OperationalError) -> bool:
    """Whether PostgreSQL gave up waiting for a lock, rather than being away or broken."""
    return getattr(error.__cause__, "pgcode", None) in _WAITED_TOO_LONG


class WrongMove(WrongState):
    """The parcel is in a state in which this event cannot happen, or its time has not come."""

    code = "wrong_move"
    default_message = _("This parcel has moved on. Please look at it again.")


class StockGone(DomainError):
    """A payment came after its order was released, and the packs are no longer there: the money goes back."""

    code = "stock_gone"
    default_message = _("The packs of this order have been sold in the meantime.")


class NothingToOrder(DomainError):
    """The cart has nothing that can be ordered."""

    code = "nothing_to_order"
    default_message = _("There is nothing in your cart that can be ordered.")


class CartChanged(DomainError):
    """Something in the cart can't be ordered as it is: sold out, too few left, would not survive the way."""

    code = "cart_changed"
    default_message = _("Something in your cart cannot be ordered as it is. Please look at the marked lines.")


class PriceChanged(DomainError):
    """The total is not what the buyer saw. `total_fen` is what it is now."""

    code = "price_changed"
    default_message = _("The total has changed since you last saw it. Please look at it and confirm once more.")

    def __init__(self, total_fen: int) -> None:
        self.total_fen = total_fen
        super().__init__(total_fen=total_fen)


class NotOnSale(DomainError):
    """The listing is not on sale (any more)."""

    code = "not_on_sale"
    default_message = _("This is no longer on sale.")


class OwnProduce(DomainError):
    """Nobody buys from themselves: sales and stars would be made up."""

    code = "own_produce"
    default_message = _("This is your own produce. You cannot buy it yourself.")


class CouponGone(DomainError):
    """The coupon is used, or not one of the buyer's."""

    code = "coupon_gone"
    default_message = _("That coupon has been used, or is not yours. Please choose again.")


class CouponTooLarge(DomainError):
    """The coupon is worth as much as the produce, or more."""

    code = "coupon_too_large"
    default_message = _("That coupon is for orders in which one farmer's produce costs more than it is worth.")
