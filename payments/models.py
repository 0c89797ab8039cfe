"""Payments, what gateways told us, refunds; and the sandbox provider's own books. All money in fen."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models import Order, Parcel


class Payment(models.Model):
    """One attempt to pay one order through one gateway; committed before the buyer is sent there.

    `reference` is ours (out_trade_no), `trade_number` the provider's. At most one attempt of an order is live.
    """

    class Status(models.TextChoices):
        STARTED = "STARTED", _("waiting for the buyer")
        SUCCEEDED = "SUCCEEDED", _("paid")
        FAILED = "FAILED", _("failed")
        CLOSED = "CLOSED", _("closed unpaid")
        TO_REFUND = "TO_REFUND", _("paid too late, money goes back")

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=12)
    reference = models.CharField(max_length=32, unique=True)
    trade_number = models.CharField(max_length=64, blank=True)
    amount_fen = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.STARTED)
    started_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    query_at = models.DateTimeField(null=True, blank=True, help_text="When to ask the provider next.")
    queries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_amount_above_0"),
            models.UniqueConstraint("order", condition=Q(status="STARTED"), name="payment_one_live_per_order"),
            models.UniqueConstraint("order", condition=Q(status="SUCCEEDED"), name="payment_one_success_per_order"),
            models.UniqueConstraint(
                "gateway", "trade_number", condition=~Q(trade_number=""), name="payment_trade_number_once"
            ),
        ]
        indexes = [models.Index(fields=["query_at"], condition=Q(status="STARTED"), name="payment_to_query")]

    def __str__(self) -> str:
        return self.reference


class GatewayMessage(models.Model):
    """A provider's message as it came in, and what we made of it. Unique per event, so it is applied once."""

    class Outcome(models.TextChoices):
        APPLIED = "APPLIED", _("applied")
        NO_CHANGE = "NO_CHANGE", _("nothing to do")
        QUARANTINED = "QUARANTINED", _("does not match, needs a look")

    gateway = models.CharField(max_length=12)
    event_id = models.CharField(max_length=64)
    payload = models.JSONField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    note = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("gateway", "event_id", name="gateway_message_once")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"


class Refund(models.Model):
    """Money that goes back to a buyer: a row first, sent by a task, done when the provider says so."""

    class Status(models.TextChoices):
        DUE = "DUE", _("to be sent")
        SENT = "SENT", _("sent to the provider")
        DONE = "DONE", _("back with the buyer")
        FAILED = "FAILED", _("needs a look")

    class Reason(models.TextChoices):
        CANCELLED = "CANCELLED", _("parcel cancelled")
        PAID_LATE = "PAID_LATE", _("paid after the stock was released")
        PAID_TWICE = "PAID_TWICE", _("paid twice")
        CLAIM = "CLAIM", _("claim agreed or decided")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="refunds")
    reference = models.CharField(max_length=40, unique=True)
    amount_fen = models.PositiveIntegerField()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_amount_above_0")]
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(status__in=["DUE", "SENT"]), name="refund_due")]

    def __str__(self) -> str:
        return self.reference


class SandboxTrade(models.Model):
    """The sandbox provider's own book of a trade: not ours, and never used in production."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("waiting")
        PAID = "PAID", _("paid")
        FAILED = "FAILED", _("failed")
        CLOSED = "CLOSED", _("closed")

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    reference = models.CharField(max_length=32, unique=True)
    trade_number = models.CharField(max_length=64, unique=True)
    subject = models.CharField(max_length=120)
    amount_fen = models.PositiveIntegerField()
    refunded_fen = models.PositiveIntegerField(default=0)
    notify_url = models.URLField()
    return_url = models.URLField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    notify_at = models.DateTimeField(null=True, blank=True, help_text="When to post the notification next.")
    notify_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["notify_at"], condition=Q(notify_at__isnull=False), name="sandbox_to_notify")]

    def __str__(self) -> str:
        return self.trade_number
