"""Where a buyer's parcels go."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.places import Region


class Address(models.Model):
    """A buyer's address. Orders copy it at placement, so changing it never moves a parcel that is already sold."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses")
    recipient = models.CharField(max_length=40)
    phone = models.CharField(max_length=20)
    province = models.ForeignKey(Region, models.PROTECT, related_name="+")
    prefecture = models.ForeignKey(Region, models.PROTECT, related_name="+")
    county = models.ForeignKey(Region, models.PROTECT, related_name="+", null=True, blank=True)
    detail = models.CharField(max_length=200)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "addresses"
        ordering = ["-is_default", "-pk"]
        constraints = [
            models.UniqueConstraint("user", condition=Q(is_default=True), name="address_one_default"),
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"
