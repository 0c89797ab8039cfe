"""Lots (harvests) and holds: where stock lives, and the constraints that make overselling impossible."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class LotQuerySet(models.QuerySet["Lot"]):
    def open(self) -> "LotQuerySet":
        """Lots the farmer still sells from."""
        return self.filter(closed_at__isnull=True)

    def picked(self) -> "LotQuerySet":
        return self.filter(picked_on__isnull=False)

    def expected(self) -> "LotQuerySet":
        """Presale: not picked yet."""
        return self.filter(picked_on__isnull=True)

    def with_some_left(self) -> "LotQuerySet":
        return self.filter(harvested__gt=F("sold") + F("held"))

    def in_selling_order(self) -> "LotQuerySet":
        """What was picked first goes first; presale after that, soonest first."""
        return self.order_by(F("picked_on").asc(nulls_last=True), "expected_from", "pk")


class Lot(models.Model):
    """A harvest of a listing's produce, counted in packs: harvested = sold + held + left, always.

    `held` is what unpaid orders hold and what offers (models/offers.py) have set aside.
    Either `picked_on` is known or an expected window is (presale). `trace_code` is printed on the box.
    """

    class Grade(models.TextChoices):
        SPECIAL = "SPECIAL", _("special grade")
        FIRST = "FIRST", _("first grade")
        SECOND = "SECOND", _("second grade")
        MIXED = "MIXED", _("as it grew, mixed sizes")

    listing = models.ForeignKey("marketplace.Listing", models.PROTECT, related_name="lots")
    trace_code = models.CharField(max_length=16, unique=True)
    harvested = models.PositiveIntegerField()
    held = models.PositiveIntegerField(default=0)
    sold = models.PositiveIntegerField(default=0)
    grade = models.CharField(max_length=8, choices=Grade.choices, default=Grade.FIRST)
    picked_on = models.DateField(null=True, blank=True)
    expected_from = models.DateField(null=True, blank=True)
    expected_until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(harvested__gte=F("sold") + F("held")), name="lot_sold_and_held_within_harvested"
            ),
            models.CheckConstraint(condition=Q(harvested__lte=1_000_000), name="lot_harvested_sane"),
            models.CheckConstraint(
                condition=Q(picked_on__isnull=False)
                | Q(expected_from__isnull=False, expected_until__isnull=False, expected_until__gte=F("expected_from")),
                name="lot_picked_or_expected",
            ),
        ]
        indexes = [models.Index(fields=["listing"], condition=Q(closed_at__isnull=True), name="lot_open_by_listing")]

    def __str__(self) -> str:
        return self.trace_code

    @property
    def left(self) -> int:
        """Packs a buyer can still have."""
        return self.harvested - self.sold - self.held

    @property
    def is_presale(self) -> bool:
        return self.picked_on is None


class HoldQuerySet(models.QuerySet["Hold"]):
    def held(self) -> "HoldQuerySet":
        return self.filter(status=Hold.Status.HELD)


class Hold(models.Model):
    """Packs of one lot set aside for one order, with an expiry; the record behind the lot's counters.

    lot.held is the sum of its HELD rows and of what its offers have left, lot.sold the sum of its SOLD rows:
    `manage.py verify` recounts them. `offer` says that the packs were drawn from one.
    """

    class Status(models.TextChoices):
        HELD = "HELD", _("held")
        SOLD = "SOLD", _("sold")
        RELEASED = "RELEASED", _("released unpaid")
        RETURNED = "RETURNED", _("given back after sale")

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="holds")
    order_number = models.CharField(max_length=20)
    packs = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.HELD)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    offer = models.ForeignKey(
        "marketplace.Offer", models.PROTECT, null=True, blank=True, related_name="holds", db_index=False
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(packs__gt=0), name="hold_of_something")]
        indexes = [
            models.Index(fields=["order_number"], name="hold_by_order"),
            models.Index(fields=["lot", "status"], name="hold_by_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.packs} of {self.lot_id} for {self.order_number}"
