"""Every write of payments, by subject. Other apps and views call these three; tasks call the modules."""

from payments.services.cancelling import cancel_and_refund
from payments.services.settling import settle
from payments.services.starting import start_payment

__all__ = ["cancel_and_refund", "settle", "start_payment"]
