"""Pick lists: what a farmer was told to pick and post, once for each evening and morning, and whether they have seen it."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer


class PickListQuerySet(models.QuerySet["PickList"]):
    def unanswered(self, now: datetime) -> "PickListQuerySet":
        """Those the farmer should have answered by now and has not."""
        return self.filter(seen_at=None, answer_by__lte=now)


class PickList(models.Model):
    """One message to one farmer. `items` is what stood in it, boxes by lot, asked from the orders at `made_at`."""

    class Slot(models.TextChoices):
        MORNING = "MORNING", _("morning")
        EVENING = "EVENING", _("evening")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="pick_lists")
    day = models.DateField()
    slot = models.CharField(max_length=7, choices=Slot.choices)
    items = models.JSONField(help_text="[[lot, boxes], …] in the order of the parcels that are due first.")
    parcels = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text="Without an answer by then, somebody calls.")
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = PickListQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint("farmer", "day", "slot", name="pick_list_once_per_slot"),
            models.CheckConstraint(condition=Q(slot__in=["MORNING", "EVENING"]), name="pick_list_slot_known"),
            models.CheckConstraint(condition=Q(parcels__gt=0), name="pick_list_holds_something"),
            models.CheckConstraint(condition=Q(answer_by__gt=F("made_at")), name="pick_list_leaves_time"),
            models.CheckConstraint(
                condition=Q(seen_at=None) | Q(seen_at__gte=F("made_at")), name="pick_list_seen_after_made"
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(seen_at__isnull=True), name="pick_list_unanswered"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="pick_list_fixed", exclude=["seen_at"]),
            pgtrigger.Protect(
                name="pick_list_seen_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__seen_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.day}"
