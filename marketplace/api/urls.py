"""Addresses under /api/v1/: the shop window and the moderators' desk."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from marketplace.api.finding import (
    CountsViewSet,
    ListingViewSet,
    LotViewSet,
    ProduceViewSet,
    ShopViewSet,
    SuggestViewSet,
)
from marketplace.api.moderation import RevisionViewSet, ShopProposalViewSet, TakingDownViewSet
from marketplace.api.reporting import (
    AppealQueueViewSet,
    FiguresViewSet,
    OwnDecisionViewSet,
    OwnReportViewSet,
    ReportingViewSet,
    ReportQueueViewSet,
)
from marketplace.api.selling import OwnListingViewSet, OwnLotViewSet, OwnPhotoViewSet, OwnShopViewSet
from marketplace.api.sheets import SheetExportViewSet, SheetViewSet
from marketplace.api.wishes import WishViewSet

own = OwnListingViewSet.as_view
lot = OwnLotViewSet.as_view
sheet = SheetViewSet.as_view
selling = [
    path("sell/listings/", own({"get": "list", "post": "create"}), name="own-listing-list"),
    path("sell/listings/<int:pk>/", own({"get": "retrieve"}), name="own-listing-detail"),
    path("sell/listings/<int:pk>/start/", own({"put": "start"}), name="own-listing-start"),
    path("sell/listings/<int:pk>/pack/", own({"put": "pack"}), name="own-listing-pack"),
    path("sell/listings/<int:pk>/harvest/", own({"put": "harvest"}), name="own-listing-harvest"),
    path("sell/listings/<int:pk>/draft/", own({"post": "open_draft", "delete": "discard"}), name="own-listing-draft"),
    path("sell/listings/<int:pk>/submit/", own({"post": "submit"}), name="own-listing-submit"),
    path("sell/listings/<int:pk>/price/", own({"put": "price"}), name="own-listing-price"),
    path("sell/listings/<int:pk>/pause/", own({"post": "pause"}), name="own-listing-pause"),
    path("sell/listings/<int:pk>/resume/", own({"post": "resume"}), name="own-listing-resume"),
    path("sell/listings/<int:pk>/repeat/", own({"post": "repeat"}), name="own-listing-repeat"),
    path("sell/listings/<int:pk>/lots/", own({"post": "add_lot"}), name="own-listing-lots"),
    path("sell/lots/", lot({"get": "list"}), name="own-lot-list"),
    path("sell/lots/<int:pk>/", lot({"get": "retrieve"}), name="own-lot-detail"),
    path("sell/lots/<int:pk>/stock/", lot({"post": "stock"}), name="own-lot-stock"),
    path("sell/lots/<int:pk>/picked/", lot({"post": "picked"}), name="own-lot-picked"),
    path("sell/lots/<int:pk>/close/", lot({"post": "close"}), name="own-lot-close"),
    path("sell/shop/", OwnShopViewSet.as_view({"get": "retrieve", "put": "update"}), name="own-shop"),
    path("sell/photos/", OwnPhotoViewSet.as_view({"post": "create"}), name="own-photo-list"),
    path("sell/photos/<slug:key>/", OwnPhotoViewSet.as_view({"get": "retrieve"}), name="own-photo-detail"),
    path("sell/sheets/", sheet({"get": "list", "post": "create"}), name="sheet-list"),
    path("sell/sheets/<int:pk>/", sheet({"get": "retrieve"}), name="sheet-detail"),
    path("sell/sheets/<int:pk>/confirm/", sheet({"post": "confirm"}), name="sheet-confirm"),
    path("sell/sheets/<int:pk>/drop/", sheet({"post": "drop"}), name="sheet-drop"),
    path("sell/decisions/", OwnDecisionViewSet.as_view({"get": "list"}), name="own-decision-list"),
    path("sell/decisions/<int:pk>/appeal/", OwnDecisionViewSet.as_view({"post": "appeal"}), name="own-decision-appeal"),
    path("sell/export/", SheetExportViewSet.as_view({"get": "retrieve"}), name="sheet-export"),
]
router = SimpleRouter(use_regex_path=False)
router.register("produce", ProduceViewSet, basename="produce")
router.register("shops", ShopViewSet, basename="shop")
router.register("listings", ListingViewSet, basename="listing")
urlpatterns = [
    path("listings/counts/", CountsViewSet.as_view({"get": "retrieve"}), name="listing-counts"),
    path("search/suggest/", SuggestViewSet.as_view({"get": "retrieve"}), name="search-suggest"),
    path("wishes/", WishViewSet.as_view({"get": "list", "post": "create"}), name="wish-list"),
    path("wishes/<int:pk>/", WishViewSet.as_view({"delete": "destroy"}), name="wish-detail"),
    *router.urls,
    *selling,
    path("trace/<slug:trace_code>/", LotViewSet.as_view({"get": "retrieve"}), name="trace"),
    path("listings/<int:pk>/reports/", ReportingViewSet.as_view({"post": "listing"}), name="listing-report"),
    path("shops/<slug:slug>/reports/", ReportingViewSet.as_view({"post": "shop"}), name="shop-report"),
    path("reports/", OwnReportViewSet.as_view({"get": "list"}), name="own-report-list"),
    path("moderation/reports/", ReportQueueViewSet.as_view({"get": "list"}), name="report-list"),
    path("moderation/reports/<int:pk>/decide/", ReportQueueViewSet.as_view({"post": "decide"}), name="report-decide"),
    path("moderation/appeals/", AppealQueueViewSet.as_view({"get": "list"}), name="appeal-list"),
    path("moderation/appeals/<int:pk>/decide/", AppealQueueViewSet.as_view({"post": "decide"}), name="appeal-decide"),
    path("moderation/figures/", FiguresViewSet.as_view({"get": "retrieve"}), name="moderation-figures"),
    path("moderation/revisions/", RevisionViewSet.as_view({"get": "list"}), name="revision-list"),
    path("moderation/revisions/<int:pk>/", RevisionViewSet.as_view({"get": "retrieve"}), name="revision-detail"),
    path("moderation/revisions/<int:pk>/decide/", RevisionViewSet.as_view({"post": "decide"}), name="revision-decide"),
    path("moderation/shops/", ShopProposalViewSet.as_view({"get": "list"}), name="proposal-list"),
    path("moderation/shops/<int:pk>/decide/", ShopProposalViewSet.as_view({"post": "decide"}), name="proposal-decide"),
    path(
        "moderation/listings/<int:pk>/take-down/",
        TakingDownViewSet.as_view({"post": "take_down"}),
        name="listing-take-down",
    ),
    path(
        "moderation/listings/<int:pk>/put-back/",
        TakingDownViewSet.as_view({"post": "put_back"}),
        name="listing-put-back",
    ),
]
