"""Gifts: money that somebody gives to the fund, paid through a gateway as an order is."""

import uuid
from datetime import datetime

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class GiftQuerySet(models.QuerySet["Gift"]):
    def given_by(self, user: User | AnonymousUser) -> "GiftQuerySet":
        """A person's own that arrived or are on their way; a guest's belong to nobody."""
        return self.filter(giver_id=user.pk, giver__isnull=False)


class Gift(models.Model):
    """`amount_fen` for one account of the fund. Whoever knows its `token` may see and pay it, so guests can give, too.

    Nothing is kept for it, so it may be paid at any time: `pay_by` is only how long a provider's page stays open.
    """

    class Status(models.TextChoices):
        UNPAID = "UNPAID", _("not paid yet")
        PAID = "PAID", _("arrived")

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    key = models.UUIDField(unique=True, help_text="Of the form or request: sent twice it is one gift.")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="gifts")
    account = models.ForeignKey("payments.Account", models.PROTECT, related_name="gifts")
    amount_fen = models.PositiveIntegerField()
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.UNPAID)
    made_at = models.DateTimeField()
    pay_by = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = GiftQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="gift_amount_above_0"),
            models.CheckConstraint(
                condition=Q(status="PAID", paid_at__isnull=False) | Q(status="UNPAID", paid_at=None),
                name="gift_paid_has_time",
            ),
        ]
        indexes = [models.Index(fields=["giver", "-id"], name="gift_by_giver")]
        triggers = [
            pgtrigger.ReadOnly(
                name="gift_terms_fixed", fields=["token", "key", "giver", "account", "amount_fen", "made_at"]
            ),
            pgtrigger.FSM(name="gift_moves", field="status", transitions=[("UNPAID", "PAID")]),
            pgtrigger.Protect(name="gift_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"gift {self.pk}"

    @property
    def number(self) -> str:
        """What people call it by, on receipts and in letters."""
        return f"G{self.pk:06d}"

    def is_open(self, now: datetime) -> bool:
        """Whether the provider's page may still be open."""
        return self.status == self.Status.UNPAID and self.pay_by > now
