"""What people look for: the names that can be typed, and what was asked for on each day."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from accounts.models import County, Farmer, Region
from marketplace.models.produce import Produce


class Spelling(models.Model):
    """One way to type one name: of a produce, a county, a province, a farmer, or a search that many have made.

    `text` is compared, `name` is shown. `keys` finds it when it was typed wrongly (marketplace/spelling.py). `weight` is how
    much stands behind it: listings shown, or searches. Written by services.vocabulary; whether a farmer may be named is
    asked of the farmer when it is read.
    """

    class Kind(models.TextChoices):
        PRODUCE = "PRODUCE"
        COUNTY = "COUNTY"
        PROVINCE = "PROVINCE"
        FARMER = "FARMER"
        QUERY = "QUERY"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    produce = models.ForeignKey(Produce, models.CASCADE, null=True, related_name="+")
    county = models.ForeignKey(County, models.CASCADE, null=True, related_name="+")
    province = models.ForeignKey(Region, models.CASCADE, null=True, related_name="+")
    farmer = models.ForeignKey(Farmer, models.CASCADE, null=True, related_name="+")
    text = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    keys = ArrayField(models.CharField(max_length=60), default=list)
    weight = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="PRODUCE", produce__isnull=False)
                | Q(kind="COUNTY", county__isnull=False)
                | Q(kind="PROVINCE", province__isnull=False)
                | Q(kind="FARMER", farmer__isnull=False)
                | Q(kind="QUERY", produce=None, county=None, province=None, farmer=None),
                name="spelling_of_its_kind",
            ),
            models.UniqueConstraint(
                "kind", "text", "produce", "county", "province", "farmer", name="spelling_once", nulls_distinct=False
            ),
        ]
        indexes = [
            models.Index(fields=["text"], name="spelling_beginning", opclasses=["varchar_pattern_ops"]),
            GinIndex(fields=["keys"], name="spelling_nearly"),
        ]

    def __str__(self) -> str:
        return self.text


class SearchDay(models.Model):
    """That something was looked for on a day (of the shop's time zone), how often, and whether it was there: demand.

    Nothing about who asked. What looks like a number, an address or a sentence of someone's is not kept.
    """

    day = models.DateField()
    query = models.CharField(max_length=40)
    times = models.PositiveIntegerField(default=1)
    hits = models.PositiveIntegerField(help_text="How many listings were found, the last time.")

    class Meta:
        verbose_name = "day's search"
        constraints = [models.UniqueConstraint("day", "query", name="search_day_once")]
        indexes = [models.Index(fields=["day", "-times"], name="search_day_most")]

    def __str__(self) -> str:
        return f"{self.query} on {self.day}"


class Wish(models.Model):
    """Somebody asked to be told when a listing, a produce or a search can be bought. Told once; taken back by deleting."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="wishes")
    listing = models.ForeignKey("marketplace.Listing", models.CASCADE, null=True, related_name="+")
    produce = models.ForeignKey(Produce, models.CASCADE, null=True, related_name="+")
    query = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "wishes"
        constraints = [
            models.CheckConstraint(
                condition=Q(listing__isnull=False, produce=None, query="")
                | Q(listing=None, produce__isnull=False, query="")
                | (Q(listing=None, produce=None) & ~Q(query="")),
                name="wish_for_one_thing",
            ),
            models.UniqueConstraint(
                fields=["user", "listing", "produce", "query"],
                condition=Q(told_at=None),
                name="wish_open_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["checked_at"], condition=Q(told_at=None), name="wish_open")]

    def __str__(self) -> str:
        return f"wish {self.pk}"
