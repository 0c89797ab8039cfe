"""That a parcel was packed: noted before the courier comes, with what the box weighs."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.models import AppendOnly
from orders.models.orders import Parcel


class Packing(AppendOnly):
    """Who packed a parcel, when, and what the closed box weighs, if somebody put it on the scale. Once, and never changed."""

    parcel = models.OneToOneField(Parcel, models.PROTECT, related_name="packing")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    grams = models.PositiveIntegerField(null=True, blank=True)
    packed_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(grams=None) | Q(grams__gt=0, grams__lte=1_000_000), name="packing_weight_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"packing of parcel {self.parcel_id}"
