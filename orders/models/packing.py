"""That a parcel was packed: noted before the courier comes, with what the box weighs."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.models.orders import Parcel


class PackingQuerySet(models.QuerySet["Packing"]):
    def standing(self) -> "PackingQuerySet":
        """Those that were not taken back: at most one for a parcel."""
        return self.filter(taken_back_at=None)


class Packing(models.Model):
    """Who packed a parcel, when, and what the closed box weighs, if somebody put it on the scale.

    Never changed; it is only taken back, once, where the farmer undoes what a specialist noted for them. Then the parcel
    may be packed again.
    """

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="packings", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    grams = models.PositiveIntegerField(null=True, blank=True)
    packed_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = PackingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grams=None) | Q(grams__gt=0, grams__lte=1_000_000), name="packing_weight_sane"
            ),
            models.UniqueConstraint("parcel", condition=Q(taken_back_at=None), name="packing_stands_once"),
            models.CheckConstraint(
                condition=Q(taken_back_at=None) | Q(taken_back_at__gte=F("packed_at")), name="packing_taken_back_later"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="packing_fixed", exclude=["taken_back_at"]),
            pgtrigger.Protect(
                name="packing_taken_back_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__taken_back_at__isnull=False),
            ),
            pgtrigger.Protect(name="packing_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"packing of parcel {self.parcel_id}"
