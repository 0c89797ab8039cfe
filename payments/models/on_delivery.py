"""Which farmers let buyers pay when the parcel comes. What was promised stands in orders and payments themselves."""

from django.db import models
from django.db.models import Q

from accounts.models import Farmer


class OnDeliveryTerms(models.Model):
    """Whether a farmer posts before they are paid, and for how much at most (fen). No row: they never said so."""

    farmer = models.OneToOneField(Farmer, models.PROTECT, primary_key=True, related_name="on_delivery")
    is_offered = models.BooleanField(default=False)
    most_fen = models.PositiveIntegerField(help_text="The most that one order may come to, postage too (fen).")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(most_fen__gt=0), name="on_delivery_most_above_0"),
        ]

    def __str__(self) -> str:
        return f"on delivery {self.farmer_id}"
