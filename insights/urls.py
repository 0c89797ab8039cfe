"""Addresses of figures."""

from django.urls import path

from insights.views import downloads, pages, planning

app_name = "insights"
urlpatterns = [
    path("figures/", pages.nation, name="nation"),
    path("figures/definitions/", pages.definitions, name="definitions"),
    path("figures/counties/", pages.county_list, name="county_list"),
    path("figures/county/<slug:slug>/", pages.county, name="county"),
    path("figures/produce/", pages.produce_list, name="produce_list"),
    path("figures/produce/<slug:slug>/", pages.produce, name="produce"),
    path("figures/league/", pages.league, name="league"),
    path("figures/planning/", planning.plan, name="planning"),
    path("sell/asked/", planning.asked_for, name="asked"),
    path("figures/report/<int:year>.pdf", downloads.report, name="report"),
    path("figures/data/nation.<slug:ending>", downloads.nation, name="nation_data"),
    path("figures/data/counties.<slug:ending>", downloads.counties, name="counties_data"),
    path("figures/data/county/<slug:slug>.<slug:ending>", downloads.county, name="county_data"),
    path("figures/data/produce.<slug:ending>", downloads.kinds, name="kinds_data"),
    path("figures/data/produce/<slug:slug>.<slug:ending>", downloads.produce, name="produce_data"),
    path("figures/data/league/<int:year>.<slug:ending>", downloads.league, name="league_data"),
]
