"""Payments (one attempt each) and what the gateways told us about them. All money in fen."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from orders.models import Order
from payments.models.gifts import Gift

# What the buyer of a promised order will pay on delivery stays open until the order is something else.
_PROMISED = """
    IF EXISTS (SELECT 1 FROM orders_order WHERE id = NEW.order_id AND status = 'PROMISED') THEN
        RAISE EXCEPTION 'payment % was promised', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_promised_stays_open';
    END IF;
    RETURN NEW;
"""


class Payment(models.Model):
    """One attempt to pay one order or one gift through one gateway; committed before the buyer is sent there.

    `reference` is ours (out_trade_no), `trade_number` the provider's. At most one attempt of an order or gift is live.
    """

    class Status(models.TextChoices):
        STARTED = "STARTED", _("waiting for the buyer")
        SUCCEEDED = "SUCCEEDED", _("paid")
        FAILED = "FAILED", _("failed")
        CLOSED = "CLOSED", _("closed unpaid")
        TO_REFUND = "TO_REFUND", _("paid too late, money goes back")

    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="payments")
    gift = models.ForeignKey(Gift, models.PROTECT, null=True, blank=True, related_name="payments")
    gateway = models.CharField(max_length=12)
    reference = models.CharField(max_length=32, unique=True)
    trade_number = models.CharField(max_length=64, blank=True)
    amount_fen = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.STARTED)
    started_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    query_at = models.DateTimeField(null=True, blank=True, help_text="When to ask the provider next.")
    queries = models.PositiveSmallIntegerField(default=0)
    payer_mark = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Who paid: a keyed hash, only to compare with."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_amount_above_0"),
            models.CheckConstraint(condition=Q(order=None) ^ Q(gift=None), name="payment_for_an_order_or_a_gift"),
            models.UniqueConstraint("order", condition=Q(status="STARTED"), name="payment_one_live_per_order"),
            models.UniqueConstraint("order", condition=Q(status="SUCCEEDED"), name="payment_one_success_per_order"),
            models.UniqueConstraint("gift", condition=Q(status="STARTED"), name="payment_one_live_per_gift"),
            models.UniqueConstraint("gift", condition=Q(status="SUCCEEDED"), name="payment_one_success_per_gift"),
            models.UniqueConstraint(
                "gateway", "trade_number", condition=~Q(trade_number=""), name="payment_trade_number_once"
            ),
        ]
        indexes = [
            models.Index(fields=["query_at"], condition=Q(status="STARTED"), name="payment_to_query"),
            models.Index(fields=["payer_mark"], condition=~Q(payer_mark=""), name="payment_by_payer"),
        ]
        triggers = [
            # What a buyer was asked for never changes afterwards; the guard on refunds compares with it.
            pgtrigger.ReadOnly(
                name="payment_terms_fixed", fields=["order", "gift", "gateway", "reference", "amount_fen"]
            ),
            pgtrigger.Trigger(
                name="payment_promised_stays_open",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),
                condition=pgtrigger.Q(new__gateway="on_delivery", new__status__in=["CLOSED", "FAILED"]),
                func=_PROMISED,
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def paid_for(self) -> Order | Gift:
        """What it pays."""
        return self.order or self.gift  # type: ignore[return-value]  # one of them: the database says so

    @property
    def ordered(self) -> Order:
        """The order that it pays. Raises TypeError for a gift's: those who ask know that there is an order."""
        if self.order is None:
            raise TypeError(f"payment {self.reference} pays a gift")
        return self.order

    @property
    def payer(self) -> User | None:
        """Who pays; None for a guest who gives."""
        return self.order.buyer if self.order else self.gift.giver if self.gift else None

    @property
    def pay_by(self) -> datetime:
        """Until when the provider takes the money."""
        return self.paid_for.pay_by


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
