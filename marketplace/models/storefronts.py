"""A farmer's public shop page."""

from django.db import models
from django.db.models import Q

from accounts.models import Farmer
from marketplace.models.photos import Photo


class Storefront(models.Model):
    """What buyers see of a farmer. Story and photo are shown once approved; a newer proposal waits beside them."""

    farmer = models.OneToOneField(Farmer, models.PROTECT, related_name="storefront")
    slug = models.SlugField(max_length=40, unique=True)
    story = models.TextField(max_length=2000, blank=True)
    photo = models.ForeignKey(Photo, models.PROTECT, null=True, blank=True, related_name="+")
    kept_story = models.TextField(
        max_length=2000,
        blank=True,
        default="",
        db_default="",
        help_text="Says the name of a farmer who is not to be named.",
    )
    proposed_story = models.TextField(max_length=2000, blank=True)
    proposed_photo = models.ForeignKey(Photo, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rating_sum__gte=models.F("rating_count"), rating_sum__lte=models.F("rating_count") * 5),
                name="storefront_rating_within_5",
            )
        ]
        indexes = [
            models.Index(fields=["proposed_at"], condition=Q(proposed_at__isnull=False), name="storefront_proposed")
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def rating(self) -> float | None:
        """The mean of the buyers' stars, None without any."""
        return self.rating_sum / self.rating_count if self.rating_count else None
