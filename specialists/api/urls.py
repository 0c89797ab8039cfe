"""Addresses under /api/v1/: a price for a household that consented, by its own code."""

from django.urls import path

from specialists.api.pricing import PriceViewSet

PRICE = "households/<int:pk>/listings/<int:listing_pk>/price/"
urlpatterns = [
    path(PRICE, PriceViewSet.as_view({"post": "ask"}), name="household-price"),
    path(f"{PRICE}code/", PriceViewSet.as_view({"post": "tell"}), name="household-price-code"),
]
