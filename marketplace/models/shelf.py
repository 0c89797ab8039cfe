"""Where each listing stands in lists: everything that lists are filtered, sorted and counted by, in one narrow row."""

from django.db import models
from django.db.models import Q

from accounts.models import County, Region
from marketplace.models.listings import Listing
from marketplace.models.produce import Produce


class ShelfPlace(models.Model):
    """A listing's place on the shelf. Every listing has one from its first moment; lists look only at those `shown`.

    PostgreSQL keeps it, by triggers on listings, lots and farmers (migration `shelf_places`), in the transaction that
    changes one of them: nobody writes it, so it is never behind. It moves when a listing sells out, not with each sale.
    Whoever changes several listings' stock does it in the order of the listings, as services.stock does.
    """

    class Stock(models.IntegerChoices):
        NOTHING = 0
        PRESALE = 1
        NOW = 2

    listing = models.OneToOneField(Listing, models.CASCADE, primary_key=True, related_name="place")
    shown = models.BooleanField(default=False, help_text="Approved, on sale, of a verified farmer.")
    produce = models.ForeignKey(Produce, models.PROTECT, null=True, related_name="+", db_index=False)
    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    province = models.ForeignKey(Region, models.PROTECT, related_name="+", db_index=False)
    women_led = models.BooleanField(default=False)
    stock = models.PositiveSmallIntegerField(choices=Stock.choices, default=Stock.NOTHING)
    picked_on = models.DateField(null=True, help_text="The latest harvest there is some left of.")
    expected_from = models.DateField(null=True, help_text="The next harvest one can order ahead.")
    freshness = models.DateField(help_text="picked_on, or the year 1 without one: to sort by.")
    fen_per_kg = models.BigIntegerField(null=True)
    standing = models.IntegerField(default=4000, help_text="1000 × the mean of stars, three buyers' 4 counted in.")
    live_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-live_since", "-listing"], condition=Q(shown=True), name="place_newest"),
            models.Index(
                fields=["produce", "-live_since", "-listing"], condition=Q(shown=True), name="place_by_produce"
            ),
            models.Index(fields=["county", "-live_since", "-listing"], condition=Q(shown=True), name="place_by_county"),
            models.Index(
                fields=["province", "-live_since", "-listing"], condition=Q(shown=True), name="place_by_province"
            ),
            models.Index(fields=["-freshness", "-listing"], condition=Q(shown=True), name="place_freshest"),
            models.Index(fields=["fen_per_kg", "-listing"], condition=Q(shown=True), name="place_cheapest"),
            models.Index(fields=["-standing", "-listing"], condition=Q(shown=True), name="place_best_rated"),
            models.Index(
                fields=["-live_since", "-listing"], condition=Q(shown=True, women_led=True), name="place_women_led"
            ),
            models.Index(fields=["-live_since", "-listing"], condition=Q(shown=True, stock=1), name="place_presale"),
        ]

    def __str__(self) -> str:
        return f"place of listing {self.listing_id}"
