"""What comparing a provider's statement of a day with our own books brought to light. All money in fen."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class About(models.TextChoices):
    """What a row of a statement is about."""

    PAYMENT = "PAYMENT", _("payment")
    REFUND = "REFUND", _("money given back")


class Statement(models.Model):
    """A day (of Shanghai) of one provider that was compared. `refunds` are our references of those that stood in it."""

    gateway = models.CharField(max_length=12)
    day = models.DateField()
    rows = models.PositiveIntegerField()
    paid_fen = models.PositiveBigIntegerField()
    refunded_fen = models.PositiveBigIntegerField()
    refunds = models.JSONField(default=list)
    compared_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "gateway"]
        constraints = [models.UniqueConstraint("gateway", "day", name="statement_once_per_day")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.day}"


class Difference(models.Model):
    """One movement of money on which the provider and our books do not agree. A person closes it, with a reason."""

    class Kind(models.TextChoices):
        ONLY_THEIRS = "ONLY_THEIRS", _("only the provider has it")
        ONLY_OURS = "ONLY_OURS", _("only we have it")
        AMOUNT = "AMOUNT", _("the amount differs")
        STATE = "STATE", _("one says that it has moved, the other not")

    gateway = models.CharField(max_length=12)
    day = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    about = models.CharField(max_length=8, choices=About.choices)
    reference = models.CharField(max_length=64)
    trade_number = models.CharField(max_length=64, blank=True)
    theirs_fen = models.PositiveBigIntegerField(null=True, blank=True)
    ours_fen = models.PositiveBigIntegerField(null=True, blank=True)
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                "gateway", "day", "kind", "about", "reference", "trade_number", name="difference_found_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, reason="")
                | Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(reason=""),
                name="difference_closed_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["day"], condition=Q(closed_at=None), name="difference_open")]
        triggers = [
            pgtrigger.Protect(name="difference_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="difference_closed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.day} {self.reference}: {self.kind}"
