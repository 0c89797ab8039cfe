"""Carts: of a signed-in buyer or of a guest's browser."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Region
from marketplace.models import Listing, Offer


class Cart(models.Model):
    """One per buyer, or one per guest (found by `token` in the session). Holds no stock: checkout does."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cart")
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    province = models.ForeignKey(Region, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartLine(models.Model):
    """So many packs of a listing. `price_seen_fen` is what the buyer last saw, to tell them when it changed.

    With an `offer` all of them are bought at its price, for as long as it stands and has so many left.
    """

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="+")
    packs = models.PositiveIntegerField()
    price_seen_fen = models.PositiveIntegerField()
    offer = models.ForeignKey(Offer, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint("cart", "listing", name="cart_line_once"),
            models.CheckConstraint(condition=Q(packs__gt=0, packs__lte=999), name="cart_line_packs_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.packs} of {self.listing_id}"
