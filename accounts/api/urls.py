"""Addresses under /api/v1/: people and places."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api.farming import FarmViewSet
from accounts.api.people import AddressViewSet, MeViewSet
from accounts.api.places import CountyViewSet, RegionViewSet
from accounts.api.verifying import ApplicantViewSet

router = SimpleRouter(use_regex_path=False)
router.register("addresses", AddressViewSet, basename="address")
router.register("regions", RegionViewSet, basename="region")
router.register("counties", CountyViewSet, basename="county")
urlpatterns = [
    path("me/", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="me"),
    path("sell/farm/", FarmViewSet.as_view({"get": "retrieve", "put": "update"}), name="own-farm"),
    *router.urls,
    path("moderation/farmers/", ApplicantViewSet.as_view({"get": "list"}), name="applicant-list"),
    path("moderation/farmers/<int:pk>/", ApplicantViewSet.as_view({"get": "retrieve"}), name="applicant-detail"),
    path("moderation/farmers/<int:pk>/decide/", ApplicantViewSet.as_view({"post": "decide"}), name="applicant-decide"),
]
