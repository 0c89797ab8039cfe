"""Addresses under /api/v1/: people and places."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api.people import AddressViewSet, MeViewSet
from accounts.api.places import CountyViewSet, RegionViewSet

router = SimpleRouter(use_regex_path=False)
router.register("addresses", AddressViewSet, basename="address")
router.register("regions", RegionViewSet, basename="region")
router.register("counties", CountyViewSet, basename="county")
urlpatterns = [
    path("me/", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="me"),
    *router.urls,
]
