"""Coupons: what a sharer was given for an order that their link led to, and the one order each is used for."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from common.models import AppendOnly
from orders.models.orders import Order, Parcel


class Coupon(AppendOnly):
    """`fen` off a later order of its owner's: theirs alone, and it does not lapse. The shop's operator bears it, no farmer."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="coupons")
    fen = models.PositiveIntegerField()
    given_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(fen__gt=0), name="coupon_is_worth_something")]

    def __str__(self) -> str:
        return f"coupon {self.pk}"


class CouponUse(models.Model):
    """A coupon put to an order, for the parcel of it that holds most. `returned_at`: nothing came of it, it can be used again.

    A use that was returned stays so; a coupon has one at a time that was not.
    """

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="uses")
    order = models.OneToOneField(Order, models.PROTECT, related_name="coupon_use")
    parcel = models.OneToOneField(Parcel, models.PROTECT, related_name="coupon_use")
    used_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("coupon", condition=Q(returned_at=None), name="coupon_used_once"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="coupon_stays_returned",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__returned_at__isnull=False),
            ),
            pgtrigger.ReadOnly(name="coupon_use_fixed", fields=["coupon", "order", "parcel", "used_at"]),
            pgtrigger.Trigger(
                name="coupon_of_ones_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM orders_coupon c JOIN orders_order o ON o.buyer_id = c.owner_id
                        JOIN orders_parcel p ON p.order_id = o.id
                        WHERE c.id = NEW.coupon_id AND o.id = NEW.order_id AND p.id = NEW.parcel_id
                    ) THEN
                        RAISE EXCEPTION 'coupon % is not of who placed order %', NEW.coupon_id, NEW.order_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'coupon_of_ones_own';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"coupon {self.coupon_id} for order {self.order_id}"


class RewardChoice(models.Model):
    """What a sharer wants done with what they earn from now on: coupons of their own, or all of it to the fund."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reward_choice")
    to_fund = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"choice of {self.person_id}"
