"""What payments stores: attempts, messages, refunds; and the sandbox provider's own books."""

from payments.models.payments import GatewayMessage, Payment
from payments.models.refunds import Refund
from payments.models.sandbox import SandboxRefund, SandboxTrade

__all__ = ["GatewayMessage", "Payment", "Refund", "SandboxRefund", "SandboxTrade"]
