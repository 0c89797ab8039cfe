"""Which shared link led to an order. One step, and there is no column in which a second could stand."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly
from marketplace.models import ShareLink
from orders.models.orders import Order


class Attribution(AppendOnly):
    """An order, and the last link its buyer had come by. `refused` says why nobody is rewarded for it, "" if somebody may be.

    A row points to an order and to a link, and a link to its sharer: no row points to another row of this table or to
    another link, so nobody can earn by what somebody else shared. `reward_basis_points` is the part of the goods that
    was promised to sharers at placement.
    """

    class Refused(models.TextChoices):
        SELF = "SELF", _("the sharer's own order, phone or address")
        RING = "RING", _("people who lead each other round in a ring")

    order = models.OneToOneField(Order, models.PROTECT, related_name="attribution")
    link = models.ForeignKey(ShareLink, models.PROTECT, related_name="attributions")
    refused = models.CharField(max_length=4, choices=Refused.choices, blank=True)
    reward_basis_points = models.PositiveSmallIntegerField()
    attributed_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(reward_basis_points__lte=10_000), name="attribution_reward_within_goods")
        ]
        triggers = [
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="attribution_to_another",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__refused=""),
                func="""
                    IF EXISTS (
                        SELECT 1 FROM orders_order o JOIN marketplace_sharelink l ON l.sharer_id = o.buyer_id
                        WHERE o.id = NEW.order_id AND l.id = NEW.link_id
                    ) THEN
                        RAISE EXCEPTION 'nobody leads themself to order %', NEW.order_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'attribution_to_another';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} by link {self.link_id}"
