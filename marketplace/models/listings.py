"""Listings and their revisions. What buyers see are the listing's own columns, copied from an approved revision."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import County, Farmer, Region
from common.money import MAX_FEN
from common.weight import MAX_PACK_GRAMS
from marketplace.models.lots import Lot
from marketplace.models.photos import Photo
from marketplace.models.produce import Produce


class ListingQuerySet(models.QuerySet["Listing"]):
    def shown(self) -> "ListingQuerySet":
        """What buyers may see: approved, not paused or taken down, of a verified farmer. The one door to public pages."""
        return self.filter(status=Listing.Status.LIVE, farmer__status=Farmer.Status.VERIFIED)

    def on_shelf(self) -> "ListingQuerySet":
        """The same, for lists: found by the narrow row of models/shelf.py, whose columns are there as `place__…`."""
        return self.shown().filter(place__shown=True)

    def with_stock(self) -> "ListingQuerySet":
        """Adds `left`: packs a buyer can still have, over all open lots."""
        left = (
            Lot.objects.open()
            .filter(listing=OuterRef("pk"))
            .values("listing")
            .annotate(total=Sum(F("harvested") - F("sold") - F("held")))
            .values("total")
        )
        return self.annotate(left=Coalesce(left, Value(0)))

    def in_stock_now(self) -> "ListingQuerySet":
        return self.filter(Exists(Lot.objects.open().picked().with_some_left().filter(listing=OuterRef("pk"))))

    def on_presale(self) -> "ListingQuerySet":
        return self.filter(Exists(Lot.objects.open().expected().with_some_left().filter(listing=OuterRef("pk"))))


class Listing(models.Model):
    """One farmer's offer of one produce in one pack at one price (fen).

    Produce, words, origin and photos change only by an approved revision; the pack is fixed once approved, because lots
    count packs. Price and stock change at once (price within limits).
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("not approved yet")
        LIVE = "LIVE", _("on sale")
        PAUSED = "PAUSED", _("paused by the farmer")
        TAKEN_DOWN = "TAKEN_DOWN", _("taken down")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="listings")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    approved_revision = models.OneToOneField(
        "ListingRevision", models.PROTECT, null=True, blank=True, related_name="approved_for"
    )
    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    province = models.ForeignKey(Region, models.PROTECT, related_name="+")
    # Copied from the approved revision so that a shelf of cards is one query.
    produce = models.ForeignKey(Produce, models.PROTECT, null=True, blank=True, related_name="listings")
    cover = models.ForeignKey(Photo, models.PROTECT, null=True, blank=True, related_name="+")
    pack_grams = models.PositiveIntegerField(null=True, blank=True)
    price_fen = models.PositiveIntegerField(null=True, blank=True)
    words = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=60, blank=True)
    keeps_days = models.PositiveSmallIntegerField(null=True, blank=True)
    search_vector = SearchVectorField(null=True, editable=False)
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    live_since = models.DateTimeField(null=True, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="DRAFT")
                | Q(
                    approved_revision__isnull=False,
                    produce__isnull=False,
                    pack_grams__isnull=False,
                    price_fen__isnull=False,
                    keeps_days__isnull=False,
                    live_since__isnull=False,
                ),
                name="listing_shown_only_with_approval",
            ),
            models.CheckConstraint(
                condition=Q(price_fen__isnull=True) | Q(price_fen__gt=0, price_fen__lte=MAX_FEN),
                name="listing_price_sane",
            ),
            models.CheckConstraint(
                condition=Q(pack_grams__isnull=True) | Q(pack_grams__gt=0, pack_grams__lte=MAX_PACK_GRAMS),
                name="listing_pack_sane",
            ),
        ]
        indexes = [
            GinIndex(fields=["search_vector"], name="listing_search"),
            models.Index(fields=["-live_since", "-id"], condition=Q(status="LIVE"), name="listing_newest"),
            models.Index(fields=["produce", "-live_since"], condition=Q(status="LIVE"), name="listing_by_produce"),
            models.Index(fields=["county", "-live_since"], condition=Q(status="LIVE"), name="listing_by_county"),
            models.Index(fields=["farmer", "status"], name="listing_by_farmer"),
        ]

    def __str__(self) -> str:
        return f"listing {self.pk}"

    @property
    def rating(self) -> float | None:
        """The mean of the buyers' stars, None without any."""
        return self.rating_sum / self.rating_count if self.rating_count else None


class ListingRevision(models.Model):
    """One version of what a farmer says about a listing. Each is decided at most once; asked-for changes make a new one."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("being written")
        WAITING = "WAITING", _("waiting for a moderator")
        APPROVED = "APPROVED", _("approved")
        CHANGE_ASKED = "CHANGE_ASKED", _("change asked for")
        REJECTED = "REJECTED", _("rejected")
        WITHDRAWN = "WITHDRAWN", _("replaced by a newer one")

    OPEN = (Status.DRAFT, Status.WAITING)

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    produce = models.ForeignKey(Produce, models.PROTECT, related_name="+")
    pack_grams = models.PositiveIntegerField(null=True, blank=True)
    price_fen = models.PositiveIntegerField(null=True, blank=True)
    packs = models.PositiveIntegerField(
        null=True, blank=True, help_text="Packs typed in step two; stock itself lives on the lot that step three opens."
    )
    words = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=60)
    keeps_days = models.PositiveSmallIntegerField()
    photos = models.ManyToManyField(Photo, through="RevisionPhoto", related_name="revisions")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("listing", "number", name="revision_number_once"),
            models.UniqueConstraint("listing", condition=Q(status__in=["DRAFT", "WAITING"]), name="revision_one_open"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "WITHDRAWN"])
                | Q(pack_grams__isnull=False, price_fen__isnull=False, submitted_at__isnull=False),
                name="revision_submitted_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(price_fen__isnull=True) | Q(price_fen__gt=0, price_fen__lte=MAX_FEN),
                name="revision_price_sane",
            ),
            models.CheckConstraint(
                condition=Q(pack_grams__isnull=True) | Q(pack_grams__gt=0, pack_grams__lte=MAX_PACK_GRAMS),
                name="revision_pack_sane",
            ),
            models.CheckConstraint(condition=Q(keeps_days__gt=0), name="revision_keeps_a_day"),
        ]
        indexes = [models.Index(fields=["submitted_at"], condition=Q(status="WAITING"), name="revision_waiting")]

    def __str__(self) -> str:
        return f"revision {self.number} of listing {self.listing_id}"


class RevisionPhoto(models.Model):
    """A photo's place in a revision; position 0 is the cover."""

    revision = models.ForeignKey(ListingRevision, models.CASCADE, related_name="photo_places")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("revision", "photo", name="revision_photo_once"),
            models.UniqueConstraint("revision", "position", name="revision_position_once"),
        ]

    def __str__(self) -> str:
        return f"photo {self.photo_id} at {self.position}"
