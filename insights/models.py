"""What was sold, rolled up; and the groups of it that are large enough to be spoken of in public. All money in fen.

A line is *sold* on the day (China's) on which its payment was booked, and stays with that day whatever happens later: a
refund or a payout, however late, moves the figures of the day of the sale. Everything here can be made anew from the
ledger (`manage.py insights rebuild`); why it is shaped so is told in docs/insights.md.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import County, Farmer
from marketplace.models import Produce
from orders.models import OrderLine


class Change(models.Model):
    """That something about an order line may have changed. Written by triggers in the very transaction that changes it
    (migration `roll_ups`), taken away by whoever counts the line again: no commit comes too late to be seen.
    """

    line_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"line {self.line_id}"


class Progress(models.Model):
    """One row: whoever counts holds it, so that one does at a time. `version` moves when what is public moves.

    `verified_farms`: how many there are, counted by the way so that no page has to.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.BigIntegerField(default=0)
    verified_farms = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name_plural = "progress"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="insights_progress_is_one")]

    def __str__(self) -> str:
        return f"version {self.version}"


class Sums(models.Model):
    """What can be added up. An order or parcel counts once, with the first of its lines; a box that went back whole
    (its goods refunded) counts neither as boxes nor as weight.
    """

    goods_fen = models.BigIntegerField()
    refund_fen = models.BigIntegerField()
    farmer_fen = models.BigIntegerField()
    paid_fen = models.BigIntegerField()
    grams = models.BigIntegerField()
    packs = models.BigIntegerField()
    parcels = models.BigIntegerField()
    orders = models.BigIntegerField()

    class Meta:
        abstract = True


class Sale(Sums):
    """One sold line as it counts now: `goods_fen` was paid for the produce, `refund_fen` of it went back, the farmer keeps
    `farmer_fen`, of which `paid_fen` has reached them: by a payout that the bank confirmed, or from the buyer's hand.

    Buyers and farmers are counted from these rows: distinct people can't be added up.
    """

    line = models.OneToOneField(OrderLine, models.DO_NOTHING, primary_key=True, related_name="+")
    day = models.DateField()
    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    produce = models.ForeignKey(Produce, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Farmer.Kind.choices)
    women_led = models.BooleanField()
    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="+", db_index=False)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refund_fen__gte=0, refund_fen__lte=F("goods_fen")), name="sale_refund_within_goods"
            ),
            models.CheckConstraint(condition=Q(farmer_fen__lte=F("goods_fen")), name="sale_farmer_within_goods"),
        ]
        indexes = [models.Index(fields=["day", "county"], name="sale_by_day")]

    def __str__(self) -> str:
        return f"line {self.line_id} on {self.day}"


class DayFigure(Sums):
    """The sums of a day, county, produce and type of seller."""

    day = models.DateField()
    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    produce = models.ForeignKey(Produce, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Farmer.Kind.choices)
    women_led = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint("day", "county", "produce", "kind", "women_led", name="day_figure_once"),
        ]
        indexes = [models.Index(fields=["county", "day"], name="day_figure_by_county")]

    def __str__(self) -> str:
        return f"{self.day}, county {self.county_id}, produce {self.produce_id}"


class Month(models.Model):
    """What may be said of a month. `is_stale`: something in it was counted again since it was put out.

    Nothing is `is_shown` of a month with fewer than five households or buyers; else its sums are those of its groups.
    `is_split`: by county and produce too, once it is over; the running month is public as a whole only. `orders` were paid in
    it, also those that went back; `counties` sold in it. `women_…`: the part of women-led farms, None where it would tell
    of too few.
    """

    month = models.DateField(primary_key=True)
    is_stale = models.BooleanField(db_default=True)
    is_split = models.BooleanField(db_default=False)
    is_shown = models.BooleanField(db_default=False)
    sold_fen = models.BigIntegerField(db_default=0)
    farmer_fen = models.BigIntegerField(db_default=0)
    paid_fen = models.BigIntegerField(db_default=0)
    grams = models.BigIntegerField(db_default=0)
    packs = models.BigIntegerField(db_default=0)
    orders = models.PositiveIntegerField(db_default=0)
    counties = models.PositiveSmallIntegerField(db_default=0)
    women_sold_fen = models.BigIntegerField(null=True)
    women_farmer_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="insights_month_begins")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Group(models.Model):
    """A part of a month's sales with at least five households behind it and five buyers: an atom of all public figures.

    The groups of a month don't overlap, and every public figure is a sum of whole groups. Without a county: of all the
    counties too small to be told apart, or of the whole month; without a produce: of the county's produce that is.
    `sold_fen` is what buyers paid for goods, less what went back.
    """

    month = models.ForeignKey(Month, models.CASCADE, related_name="groups", db_index=False)
    county = models.ForeignKey(County, models.PROTECT, null=True, related_name="+", db_index=False)
    produce = models.ForeignKey(Produce, models.PROTECT, null=True, related_name="+", db_index=False)
    sold_fen = models.BigIntegerField()
    farmer_fen = models.BigIntegerField()
    paid_fen = models.BigIntegerField()
    grams = models.BigIntegerField()
    packs = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "county", "produce"], name="insights_group_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(county__isnull=False) | Q(produce=None), name="insights_group_of_a_county"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "month"], name="insights_group_by_county"),
            models.Index(fields=["produce", "month"], name="insights_group_by_produce"),
        ]

    def __str__(self) -> str:
        return f"{self.month_id}, county {self.county_id}, produce {self.produce_id}"


class YearPeople(models.Model):
    """The households behind a calendar year's public figures, of a county or of all, and how many buyers came back.

    People are counted by the year only: two counts over months that overlap would tell of the few who are in one of them.
    """

    year = models.PositiveSmallIntegerField()
    county = models.ForeignKey(County, models.PROTECT, null=True, related_name="+", db_index=False)
    households = models.PositiveIntegerField()
    returning_percent = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name_plural = "people of years"
        constraints = [
            models.UniqueConstraint(fields=["year", "county"], name="insights_year_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(households__gte=5), name="insights_five_households"),
        ]

    def __str__(self) -> str:
        return f"{self.year}, county {self.county_id}"
