"""What sharers were given, and what was paid back for coupons. One row for a parcel, whatever came of it."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly
from orders.models import Attribution, Coupon, CouponUse, Parcel
from payments.models.refunds import Refund


class ShareReward(AppendOnly):
    """What the sharer was given when a parcel of an order put down to them had settled (fen); 0, and why, where nothing was."""

    class Way(models.TextChoices):
        COUPON = "COUPON", _("a coupon")
        FUND = "FUND", _("to the fund")
        NOTHING = "NOTHING", _("nothing")

    class Why(models.TextChoices):
        OWN = "OWN", _("it was the sharer's own produce")
        RING = "RING", _("people who lead each other round in a ring")
        REFUNDED = "REFUNDED", _("the buyer got it back")
        SELF = "SELF", _("the sharer paid for it")
        BLOCKED = "BLOCKED", _("the sharer's account is closed")

    parcel = models.OneToOneField(Parcel, models.PROTECT, related_name="share_reward")
    attribution = models.ForeignKey(Attribution, models.PROTECT, related_name="rewards")
    way = models.CharField(max_length=7, choices=Way.choices)
    why = models.CharField(max_length=8, choices=Why.choices, blank=True)
    fen = models.PositiveIntegerField()
    coupon = models.OneToOneField(Coupon, models.PROTECT, null=True, blank=True, related_name="reward")
    given_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(way="NOTHING", fen=0, coupon=None) & ~Q(why="")
                | Q(way="FUND", fen__gt=0, coupon=None, why="")
                | Q(way="COUPON", fen__gt=0, coupon__isnull=False, why=""),
                name="share_reward_is_whole",
            )
        ]
        triggers = [
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="share_reward_after_settling",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM orders_parcel p JOIN orders_attribution a ON a.order_id = p.order_id
                        WHERE p.id = NEW.parcel_id AND a.id = NEW.attribution_id
                        AND p.state = 'SETTLED' AND a.refused = ''
                    ) THEN
                        RAISE EXCEPTION 'no reward is due for parcel %', NEW.parcel_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'share_reward_after_settling';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fen} for parcel {self.parcel_id}"


class CouponPaid(AppendOnly):
    """A coupon's fen went back to the buyer: by this refund, once."""

    use = models.OneToOneField(CouponUse, models.PROTECT, related_name="paid")
    refund = models.OneToOneField(Refund, models.PROTECT, related_name="coupon_paid")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"use {self.use_id} by {self.refund_id}"
