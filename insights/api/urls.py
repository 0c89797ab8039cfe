"""Addresses under /api/v1/: public figures."""

from django.urls import path

from insights.api.figures import PublicFiguresViewSet

see = PublicFiguresViewSet.as_view
urlpatterns = [
    path("figures/", see({"get": "nation"}), name="figures-nation"),
    path("figures/definitions/", see({"get": "definitions"}), name="figures-definitions"),
    path("figures/league/", see({"get": "league"}), name="figures-league"),
    path("figures/counties/", see({"get": "counties"}), name="figures-county-list"),
    path("figures/counties/<slug:slug>/", see({"get": "county"}), name="figures-county"),
    path("figures/produce/", see({"get": "kinds"}), name="figures-produce-list"),
    path("figures/produce/<slug:slug>/", see({"get": "produce"}), name="figures-produce"),
]
