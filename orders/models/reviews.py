"""What buyers say of what they received. Words and photos are shown once a moderator has seen them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.closeness import not_about_ones_own
from common.models import AppendOnly
from marketplace.models import Listing, Photo
from orders.models.orders import Parcel


class Review(models.Model):
    """One buyer's stars and words on one listing in one parcel. The stars count at once; the rest waits."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("waiting for a moderator")
        SHOWN = "SHOWN", _("shown")
        HIDDEN = "HIDDEN", _("not shown")

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="reviews")
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="reviews")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews")
    stars = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.UniqueConstraint("parcel", "listing", name="review_once"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="review_stars_1_to_5"),
        ]
        indexes = [
            models.Index(fields=["listing", "-written_at"], condition=Q(status="SHOWN"), name="review_shown"),
            models.Index(fields=["written_at"], condition=Q(status="WAITING"), name="review_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} stars for {self.listing_id}"


class ReviewPhoto(models.Model):
    """A picture of what arrived."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="photo_places")
    photo = models.OneToOneField(Photo, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"photo of review {self.review_id}"


_FARMER = """SELECT l.farmer_id FROM orders_review r JOIN marketplace_listing l ON l.id = r.listing_id
    WHERE r.id = NEW.review_id"""


class ReviewDecision(AppendOnly):
    """Who showed or hid a review, when and why. Never changed."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="decisions")
    shown = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        triggers = [*AppendOnly.Meta.triggers, not_about_ones_own(_FARMER)]
        constraints = [models.CheckConstraint(condition=Q(shown=True) | ~Q(reason=""), name="review_hidden_has_reason")]

    def __str__(self) -> str:
        return f"review {self.review_id}: {'shown' if self.shown else 'hidden'}"
