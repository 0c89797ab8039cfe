"""Offers: a slice of a lot at a price of its own, for a time that was announced. A broadcast makes them."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q

from common.money import MAX_FEN
from marketplace.models.listings import Listing
from marketplace.models.lots import Lot


class OfferQuerySet(models.QuerySet["Offer"]):
    def standing(self, now: datetime) -> "OfferQuerySet":
        """Those whose price holds at this moment, whether or not any is left."""
        return self.filter(closed_at=None, opens_at__lte=now, closes_at__gt=now)

    def over(self, now: datetime) -> "OfferQuerySet":
        """Those whose announced time is over and whose slice has not gone back yet."""
        return self.filter(closed_at=None, closes_at__lte=now)


class Offer(models.Model):
    """So many packs of one lot, set aside to be sold at `price_fen` from `opens_at` until before `closes_at`.

    Until it is closed, its `left` packs are part of the lot's `held`; an order that draws on it takes them over as its
    Hold, so the lot's counters stay as they are. What is left when it closes goes back to the lot.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="offers")
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="offers")
    price_fen = models.PositiveIntegerField()
    packs = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(packs__gt=0, left__lte=F("packs")), name="offer_left_within_slice"),
            models.CheckConstraint(condition=Q(price_fen__gt=0, price_fen__lte=MAX_FEN), name="offer_price_sane"),
            models.CheckConstraint(
                condition=Q(opens_at=None, closes_at=None)
                | Q(opens_at__isnull=False, closes_at__isnull=False, closes_at__gt=F("opens_at")),
                name="offer_announced_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(closed_at=None), name="offer_open"),
            models.Index(fields=["lot"], condition=Q(closed_at=None), name="offer_open_by_lot"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="stays_as_announced",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF (NEW.lot_id, NEW.listing_id, NEW.price_fen, NEW.packs)
                       IS DISTINCT FROM (OLD.lot_id, OLD.listing_id, OLD.price_fen, OLD.packs)
                       OR (OLD.opens_at IS NOT NULL AND (NEW.opens_at, NEW.closes_at)
                           IS DISTINCT FROM (OLD.opens_at, OLD.closes_at))
                       OR (OLD.closed_at IS NOT NULL AND (NEW.closed_at, NEW.left)
                           IS DISTINCT FROM (OLD.closed_at, OLD.left)) THEN
                        RAISE EXCEPTION 'an offer stays as it was announced' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.packs} of lot {self.lot_id} at {self.price_fen} fen"

    def stands(self, now: datetime) -> bool:
        """As OfferQuerySet.standing(), for one in hand."""
        if self.closed_at is not None or self.opens_at is None or self.closes_at is None:
            return False
        return self.opens_at <= now < self.closes_at

    @property
    def taken(self) -> int:
        """Packs that orders have of it."""
        return self.packs - self.left
