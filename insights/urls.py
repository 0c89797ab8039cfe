"""Addresses of figures."""

from django.urls import path

from insights.views import pages

app_name = "insights"
urlpatterns = [
    path("figures/", pages.nation, name="nation"),
    path("figures/definitions/", pages.definitions, name="definitions"),
]
