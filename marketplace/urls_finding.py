"""Addresses of the pages on which buyers find things."""

from django.contrib.sitemaps import views as sitemaps
from django.urls import path

from marketplace.views import (
    counties,
    crawlers,
    home,
    listing,
    produce,
    reports,
    search,
    sharing,
    storefronts_public,
    trace,
    wishes,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("produce/", produce.produce_list, name="produce_list"),
    path("produce/<slug:slug>/", produce.produce_detail, name="produce_detail"),
    path("counties/", counties.county_list, name="county_list"),
    path("counties/<slug:slug>/", counties.county_detail, name="county_detail"),
    path("farms/<slug:slug>/", storefronts_public.storefront_detail, name="storefront_detail"),
    path("search/", search.listing_search, name="listing_search"),
    path("search/suggest/", search.search_suggest, name="search_suggest"),
    path("listings/<int:pk>/", listing.listing_detail, name="listing_detail"),
    path("report/listings/<int:pk>/", reports.report_listing, name="report_listing"),
    path("report/farms/<slug:slug>/", reports.report_storefront, name="report_storefront"),
    path("wishes/", wishes.wish_list, name="wish_list"),
    path("wishes/new/", wishes.wish_create, name="wish_create"),
    path("wishes/<int:pk>/delete/", wishes.wish_delete, name="wish_delete"),
    path("trace/<slug:code>/", trace.lot_trace, name="lot_trace"),
    path("trace/<slug:code>/qr.svg", trace.lot_qr, name="lot_qr"),
    path("share/<slug:kind>/<int:pk>/", sharing.share_thing, name="share_thing"),
    path("share/<slug:kind>/<int:pk>/link/", sharing.share_make, name="share_make"),
    path("share/<slug:kind>/<int:pk>/poster.jpg", sharing.share_poster, name="share_poster"),
    path("s/<slug:code>/", sharing.share_open, name="share_open"),
    path("robots.txt", crawlers.robots, name="robots"),
    path(
        "sitemap.xml",
        sitemaps.index,
        {"sitemaps": crawlers.SITEMAPS, "sitemap_url_name": "marketplace:sitemap_section"},
        name="sitemap",
    ),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap, {"sitemaps": crawlers.SITEMAPS}, name="sitemap_section"),
]
