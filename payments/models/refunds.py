"""Refunds, and the guard in the database that no payment gives back more than it brought."""

from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models import Parcel
from payments.models.payments import Payment

if TYPE_CHECKING:
    from payments.models.claims import Claim

# Locks the payment, so that two refunds of it are counted one after the other, whoever writes them.
_WITHIN_PAID = """
    SELECT amount_fen INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
    SELECT coalesce(sum(amount_fen), 0) INTO given
        FROM payments_refund WHERE payment_id = NEW.payment_id AND id <> NEW.id;
    IF given + NEW.amount_fen > paid THEN
        RAISE EXCEPTION 'refunds of payment % would exceed what was paid', NEW.payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_within_paid';
    END IF;
    RETURN NEW;
"""


class Refund(models.Model):
    """Money that goes back to a buyer: a row first, sent by a task, done when the provider says so.

    `reference` stays the same however often it is sent, so that the provider can tell a repeat from a second refund.
    """

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
        COUPON = "COUPON", _("a coupon of the buyer's")
        ROUND_UP = "ROUND_UP", _("what was rounded up, of an order that was cancelled")
        GIFT = "GIFT", _("gift given back")

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="refunds")
    reference = models.CharField(max_length=40, unique=True)
    amount_fen = models.PositiveIntegerField()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_amount_above_0"),
            models.CheckConstraint(condition=~Q(status="DONE") | Q(done_at__isnull=False), name="refund_done_has_time"),
            models.CheckConstraint(
                condition=~Q(reason__in=["CANCELLED", "CLAIM"]) | Q(parcel__isnull=False),
                name="refund_names_its_parcel",
            ),
            models.UniqueConstraint("parcel", condition=Q(reason="CANCELLED"), name="refund_once_per_cancelled_parcel"),
            models.UniqueConstraint(
                "payment", condition=Q(reason__in=["PAID_LATE", "PAID_TWICE"]), name="refund_once_per_unwanted"
            ),
            models.UniqueConstraint(
                "payment", condition=Q(reason__in=["ROUND_UP", "GIFT"]), name="refund_once_per_gift_or_round_up"
            ),
        ]
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(status__in=["DUE", "SENT"]), name="refund_due")]
        triggers = [
            pgtrigger.Trigger(
                name="refund_within_paid",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("amount_fen", "payment_id"),
                declare=[("paid", "bigint"), ("given", "bigint")],
                func=_WITHIN_PAID,
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def of_claim(self) -> "Claim | None":
        """The claim that it gives back for, at its end or after an appeal."""
        appeal = getattr(self, "appeal", None)
        return appeal.claim if appeal else getattr(self, "claim", None)
