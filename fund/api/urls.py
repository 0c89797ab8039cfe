"""Addresses under /api/v1/: the fund, its programmes, one's own gifts."""

from django.urls import path

from fund.api.giving import GiftViewSet
from fund.api.public import FundViewSet, ProgrammeViewSet

urlpatterns = [
    path("fund/", FundViewSet.as_view({"get": "retrieve"}), name="fund"),
    path("fund/programmes/", ProgrammeViewSet.as_view({"get": "list"}), name="programme-list"),
    path("fund/programmes/<slug:slug>/", ProgrammeViewSet.as_view({"get": "retrieve"}), name="programme-detail"),
    path("fund/gifts/", GiftViewSet.as_view({"get": "list", "post": "create"}), name="gift-list"),
    path("fund/gifts/<int:pk>/", GiftViewSet.as_view({"get": "retrieve"}), name="gift-detail"),
    path("fund/gifts/<int:pk>/payment/", GiftViewSet.as_view({"post": "pay"}), name="gift-payment"),
]
