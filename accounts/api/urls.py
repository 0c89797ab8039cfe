"""Addresses under /api/v1/: people and places."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api.farming import FarmViewSet
from accounts.api.papers import OwnPaperViewSet, PaperViewSet
from accounts.api.people import AddressViewSet, MeViewSet
from accounts.api.places import CountyViewSet, RegionViewSet
from accounts.api.verifying import ApplicantViewSet, TieViewSet

router = SimpleRouter(use_regex_path=False)
router.register("addresses", AddressViewSet, basename="address")
router.register("regions", RegionViewSet, basename="region")
router.register("counties", CountyViewSet, basename="county")
urlpatterns = [
    path("me/", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="me"),
    path("sell/farm/", FarmViewSet.as_view({"get": "retrieve", "put": "update"}), name="own-farm"),
    path("sell/farm/papers/", OwnPaperViewSet.as_view({"get": "list", "post": "create"}), name="own-paper-list"),
    path("sell/farm/papers/<int:pk>/", OwnPaperViewSet.as_view({"delete": "destroy"}), name="own-paper-detail"),
    path("papers/<int:pk>/", PaperViewSet.as_view({"get": "retrieve"}), name="paper"),
    path("addresses/<int:pk>/default/", AddressViewSet.as_view({"post": "make_default"}), name="address-default"),
    *router.urls,
    path("moderation/farmers/", ApplicantViewSet.as_view({"get": "list"}), name="applicant-list"),
    path("moderation/farmers/<int:pk>/", ApplicantViewSet.as_view({"get": "retrieve"}), name="applicant-detail"),
    path("moderation/farmers/<int:pk>/tie/", TieViewSet.as_view({"post": "declare"}), name="applicant-tie"),
    path("moderation/farmers/<int:pk>/decide/", ApplicantViewSet.as_view({"post": "decide"}), name="applicant-decide"),
]
