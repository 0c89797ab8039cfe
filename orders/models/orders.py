"""Orders, their parcels and lines, frozen at placement; and the record of every move."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, Region, User
from common.models import AppendOnly
from marketplace.models import Hold, Listing, ListingRevision, Lot, Offer

# To be paid on delivery: promised only by who has not paid, for one farmer's parcel, with nothing for the fund; then the
# money comes, or the parcel is cancelled, or not taken. What was not taken stays so.
_PROMISE = """
    IF (NEW.status = 'PROMISED' AND OLD.status NOT IN ('UNPAID', 'PROMISED'))
        OR (NEW.status = 'REFUSED' AND OLD.status NOT IN ('PROMISED', 'REFUSED'))
        OR (OLD.status = 'PROMISED' AND NEW.status IN ('UNPAID', 'RELEASED'))
        OR (OLD.status = 'REFUSED' AND NEW.status <> 'REFUSED')
        OR (NEW.status IN ('PROMISED', 'REFUSED') AND (NEW.paid_at IS NOT NULL OR NEW.round_up_fen > 0))
        OR (NEW.status = 'PROMISED' AND (SELECT count(*) FROM orders_parcel WHERE order_id = NEW.id) <> 1) THEN
        RAISE EXCEPTION 'order % cannot go from % to %', NEW.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_promise_is_kept';
    END IF;
    RETURN NEW;
"""


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: User | AnonymousUser) -> "OrderQuerySet":
        return self.filter(buyer_id=user.pk)

    def overdue(self, now: datetime) -> "OrderQuerySet":
        """Unpaid, and the time to pay is over."""
        return self.filter(status=Order.Status.UNPAID, pay_by__lt=now)


class Order(models.Model):
    """What a buyer pays once. Where it goes and what it cost are copied here and never recomputed (fen).

    PROMISED is to be paid when it comes: its parcel is packed and posted like a paid one, and no money is anywhere yet.
    `round_up_fen` is what the buyer added for the fund; `round_up_for` says for what, in the words of those who keep it.
    """

    class Status(models.TextChoices):
        UNPAID = "UNPAID", _("waiting for payment")
        PAID = "PAID", _("paid")
        RELEASED = "RELEASED", _("not paid in time")
        CANCELLED = "CANCELLED", _("cancelled")
        PROMISED = "PROMISED", _("to be paid on delivery")
        REFUSED = "REFUSED", _("not taken")

    number = models.CharField(max_length=20, unique=True)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    checkout_key = models.UUIDField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UNPAID)
    goods_fen = models.PositiveIntegerField()
    postage_fen = models.PositiveIntegerField()
    round_up_fen = models.PositiveSmallIntegerField(default=0, db_default=0)
    round_up_for = models.CharField(max_length=40, blank=True, default="", db_default="")
    total_fen = models.PositiveIntegerField()
    recipient = models.CharField(max_length=40)
    phone = models.CharField(max_length=20)
    province = models.ForeignKey(Region, models.PROTECT, related_name="+")
    address = models.CharField(max_length=300, help_text="Whole, as the courier needs it.")
    note = models.CharField(max_length=200, blank=True)
    placed_at = models.DateTimeField()
    pay_by = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.UniqueConstraint("buyer", "checkout_key", name="order_once_per_checkout"),
            models.CheckConstraint(
                condition=Q(total_fen=F("goods_fen") + F("postage_fen") + F("round_up_fen"), total_fen__gt=0),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(round_up_fen=0, round_up_for="")
                | Q(round_up_fen__gt=0, round_up_fen__lte=100) & ~Q(round_up_for=""),
                name="order_round_up_is_for_something",
            ),
            models.CheckConstraint(condition=~Q(status="PAID") | Q(paid_at__isnull=False), name="order_paid_has_time"),
        ]
        indexes = [
            models.Index(fields=["pay_by"], condition=Q(status="UNPAID"), name="order_unpaid"),
            models.Index(fields=["buyer", "-placed_at"], name="order_by_buyer"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="order_is_not_placed_promised",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__status__in=["PROMISED", "REFUSED"]),
            ),
            pgtrigger.Trigger(
                name="order_promise_is_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status", "paid_at", "round_up_fen"),
                func=_PROMISE,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ParcelQuerySet(models.QuerySet["Parcel"]):
    def visible_to(self, user: User | AnonymousUser) -> "ParcelQuerySet":
        """The buyer's own and, once paid or promised, the farmer's own."""
        theirs = Q(farmer__user_id=user.pk) & ~Q(state__in=[Parcel.State.PLACED, Parcel.State.RELEASED])
        return self.filter(Q(order__buyer_id=user.pk) | theirs)

    def of_farmer(self, farmer: Farmer) -> "ParcelQuerySet":
        """What this farmer was really asked to pack: parcels that are paid, or to be paid on delivery."""
        return self.filter(farmer=farmer).exclude(state__in=[Parcel.State.PLACED, Parcel.State.RELEASED])

    def due(self, now: datetime) -> "ParcelQuerySet":
        """Those whose timer has run out."""
        return self.filter(timer_at__lte=now)


class Parcel(models.Model):
    """One farmer's part of an order, moving by orders/clock.py only. `timer` names the event due at `timer_at`."""

    class State(models.TextChoices):
        PLACED = "PLACED", _("waiting for payment")
        RELEASED = "RELEASED", _("released unpaid")
        TO_PACK = "TO_PACK", _("to be packed")
        ON_THE_WAY = "ON_THE_WAY", _("on the way")
        RECEIVED = "RECEIVED", _("received")
        CLAIMED = "CLAIMED", _("claim open")
        SETTLED = "SETTLED", _("settled")
        CANCELLED = "CANCELLED", _("cancelled")
        REFUSED = "REFUSED", _("not taken")

    class Courier(models.TextChoices):
        SF = "SF", _("SF Express")
        EMS = "EMS", _("China Post EMS")
        YTO = "YTO", _("YTO Express")
        ZTO = "ZTO", _("ZTO Express")
        STO = "STO", _("STO Express")
        YUNDA = "YUNDA", _("Yunda Express")
        JD = "JD", _("JD Logistics")
        JT = "JT", _("J&T Express")
        OTHER = "OTHER", _("another courier")

    order = models.ForeignKey(Order, models.PROTECT, related_name="parcels")
    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="parcels")
    number = models.CharField(max_length=24, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLACED)
    goods_fen = models.PositiveIntegerField()
    postage_fen = models.PositiveIntegerField()
    weight_grams = models.PositiveIntegerField()
    refunded_fen = models.PositiveIntegerField(default=0)
    days_min = models.PositiveSmallIntegerField(help_text="Days on the road, as promised at placement.")
    days_max = models.PositiveSmallIntegerField()
    post_by = models.DateTimeField(null=True, blank=True)
    is_late = models.BooleanField(default=False, help_text="Not posted in the promised days: on the specialist's list.")
    courier = models.CharField(max_length=8, choices=Courier.choices, blank=True)
    tracking_number = models.CharField(max_length=40, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    claim_until = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    timer = models.CharField(max_length=20, blank=True)
    timer_at = models.DateTimeField(null=True, blank=True)

    objects = ParcelQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("order", "farmer", name="parcel_one_per_farmer"),
            models.CheckConstraint(
                condition=Q(refunded_fen__lte=F("goods_fen") + F("postage_fen")), name="parcel_refund_within_paid"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ON_THE_WAY"]) | (~Q(tracking_number="") & Q(posted_at__isnull=False)),
                name="parcel_posted_has_tracking",
            ),
            models.CheckConstraint(condition=Q(timer="") ^ Q(timer_at__isnull=False), name="parcel_timer_has_time"),
        ]
        indexes = [
            models.Index(fields=["timer_at"], condition=Q(timer_at__isnull=False), name="parcel_due"),
            models.Index(fields=["farmer", "state"], name="parcel_by_farmer"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total_fen(self) -> int:
        """Goods and postage, in fen."""
        return self.goods_fen + self.postage_fen


class OrderLine(models.Model):
    """Packs of one lot in one parcel. Names, pack, price and where the money goes are copied at placement and stay.

    `platform_fen` and `fund_fen` are parts of `total_fen`; `postage_fen` is this line's part of the parcel's postage.
    With an `offer` the price is that offer's: it was bought in a broadcast.
    """

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="lines")
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="order_lines")
    revision = models.ForeignKey(ListingRevision, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="order_lines")
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="order_line")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="order_lines", db_index=False)
    produce_zh = models.CharField(max_length=60)
    produce_en = models.CharField(max_length=80)
    pack_grams = models.PositiveIntegerField()
    packs = models.PositiveIntegerField()
    unit_price_fen = models.PositiveIntegerField()
    total_fen = models.PositiveIntegerField()
    platform_fen = models.PositiveIntegerField(default=0)
    fund_fen = models.PositiveIntegerField(default=0)
    postage_fen = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("parcel", "lot", name="order_line_once_per_lot"),
            models.CheckConstraint(
                condition=Q(total_fen__gte=F("platform_fen") + F("fund_fen")), name="order_line_shares_within_total"
            ),
            models.CheckConstraint(
                condition=Q(total_fen=F("unit_price_fen") * F("packs"), packs__gt=0), name="order_line_adds_up"
            ),
        ]
        indexes = [models.Index(fields=["offer"], condition=Q(offer__isnull=False), name="order_line_by_offer")]

    def __str__(self) -> str:
        return f"{self.packs} × {self.produce_en}"

    @property
    def farmer_fen(self) -> int:
        """What the farmer was to have of the goods at placement, before anything went back (fen)."""
        return self.total_fen - self.platform_fen - self.fund_fen

    @property
    def produce_name(self) -> str:
        """The produce as it was called at placement, in the reader's language."""
        return self.produce_en if (get_language() or "").startswith("en") else self.produce_zh


class ParcelEvent(AppendOnly):
    """One move of a parcel: from, to, by which event, by whom (None: a timer or the gateway). Never changed."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="events")
    event = models.CharField(max_length=20)
    moved_from = models.CharField(max_length=10, choices=Parcel.State.choices, blank=True)
    moved_to = models.CharField(max_length=10, choices=Parcel.State.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["happened_at", "pk"]

    def __str__(self) -> str:
        return f"{self.parcel_id}: {self.event}"
