"""Where a buyer's parcels go."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.contacts import show_phone
from accounts.models.places import Region, speaks_english


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

    @property
    def place(self) -> str:
        """ "上海市徐汇区" or "Xuhui District, Shanghai": the regions as they are said, without placeholder prefectures.

        Reads province, prefecture and county: select them with the address.
        """
        regions = [self.province, self.prefecture, self.county]
        names = [region.local_name for region in regions if region and not region.is_virtual]
        return ", ".join(reversed(names)) if speaks_english() else "".join(names)

    @property
    def phone_shown(self) -> str:
        """ "139 0000 0000"."""
        return show_phone(self.phone)
