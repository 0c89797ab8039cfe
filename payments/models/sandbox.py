"""The sandbox provider's own books: not the shop's, and never used in production."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SandboxTrade(models.Model):
    """A trade in the book. `notify_at` says when its notification is posted next, `notify_copies` how often still."""

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
    notify_copies = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(refunded_fen__lte=F("amount_fen")), name="sandbox_refund_within_paid")
        ]
        indexes = [models.Index(fields=["notify_at"], condition=Q(notify_at__isnull=False), name="sandbox_to_notify")]

    def __str__(self) -> str:
        return self.trade_number


class SandboxRefund(models.Model):
    """A refund in the provider's book: the same reference twice is the same refund."""

    trade = models.ForeignKey(SandboxTrade, models.CASCADE, related_name="refunds")
    reference = models.CharField(max_length=40, unique=True)
    amount_fen = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference
