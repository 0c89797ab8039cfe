"""What payments stores: attempts, messages, refunds, claims; and the sandbox provider's own books."""

from payments.models.claims import Claim, ClaimPhoto
from payments.models.payments import GatewayMessage, Payment
from payments.models.refunds import Refund
from payments.models.sandbox import SandboxRefund, SandboxTrade

__all__ = ["Claim", "ClaimPhoto", "GatewayMessage", "Payment", "Refund", "SandboxRefund", "SandboxTrade"]
