"""What payments refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, WrongState


class PaymentNotSetUp(DomainError):
    """No gateway is configured."""

    code = "payment_not_set_up"
    default_message = _("This shop cannot take payments yet. Your order has not been charged.")


class AlreadyPaid(WrongState):
    code = "already_paid"
    default_message = _("This order is paid already.")


class TimeToPayIsOver(WrongState):
    code = "time_to_pay_is_over"
    default_message = _("The time to pay is over, and the produce went back on sale. Nothing was charged.")


class ProviderUnavailable(DomainError):
    """The provider did not answer. The order stands; trying again is safe."""

    code = "provider_unavailable"
    default_message = _("The payment service is not answering. Nothing was charged; please try again.")


class RefundExceedsPaid(DomainError):
    code = "refund_exceeds_paid"
    default_message = _("That is more than was paid.")
