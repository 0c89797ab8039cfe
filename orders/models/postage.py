"""What it costs and how long it takes from one province to another."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Region


class PostageRate(models.Model):
    """Postage of one zone: the first kilogram and each further one begun, in fen; days on the road, and when cooled."""

    zone = models.CharField(max_length=4, primary_key=True)
    description = models.CharField(max_length=80)
    first_kg_fen = models.PositiveIntegerField()
    further_kg_fen = models.PositiveIntegerField()
    days_min = models.PositiveSmallIntegerField()
    days_max = models.PositiveSmallIntegerField()
    cold_days_min = models.PositiveSmallIntegerField()
    cold_days_max = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days_min__lte=F("days_max")), name="postage_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.zone


class PostageZone(models.Model):
    """Which rate applies from one province to another."""

    origin = models.ForeignKey(Region, models.CASCADE, related_name="+")
    destination = models.ForeignKey(Region, models.CASCADE, related_name="+")
    rate = models.ForeignKey(PostageRate, models.PROTECT, related_name="zones")

    class Meta:
        constraints = [models.UniqueConstraint("origin", "destination", name="postage_zone_once")]

    def __str__(self) -> str:
        return f"{self.origin_id} → {self.destination_id}: {self.rate_id}"
