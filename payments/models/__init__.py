"""What payments stores: attempts, messages, refunds, claims, payouts, the ledger; and the sandbox provider's own books."""

from payments.models.appeals import ClaimAppeal
from payments.models.claims import Claim, ClaimItem, ClaimPhoto
from payments.models.differences import About, Difference, Statement
from payments.models.gifts import Gift
from payments.models.ledger import Account, Entry, Leg
from payments.models.offline import OfflinePayment, ReceivingCode
from payments.models.on_delivery import OnDeliveryTerms
from payments.models.payments import GatewayMessage, Payment
from payments.models.payouts import Payout, PayoutBatch
from payments.models.refunds import Refund
from payments.models.sandbox import SandboxRefund, SandboxTrade
from payments.models.sharing import CouponPaid, ShareReward

__all__ = [
    "About",
    "Account",
    "Claim",
    "ClaimAppeal",
    "ClaimItem",
    "ClaimPhoto",
    "CouponPaid",
    "Difference",
    "Entry",
    "GatewayMessage",
    "Gift",
    "Leg",
    "OfflinePayment",
    "OnDeliveryTerms",
    "Payment",
    "Payout",
    "PayoutBatch",
    "ReceivingCode",
    "Refund",
    "SandboxRefund",
    "SandboxTrade",
    "ShareReward",
    "Statement",
]
