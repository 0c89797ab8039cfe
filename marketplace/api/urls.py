"""Addresses under /api/v1/: the shop window and the moderators' desk."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from marketplace.api.finding import ListingViewSet, LotViewSet, ProduceViewSet, ShopViewSet
from marketplace.api.moderation import RevisionViewSet, ShopProposalViewSet, TakingDownViewSet

router = SimpleRouter(use_regex_path=False)
router.register("produce", ProduceViewSet, basename="produce")
router.register("shops", ShopViewSet, basename="shop")
router.register("listings", ListingViewSet, basename="listing")
urlpatterns = [
    *router.urls,
    path("trace/<slug:trace_code>/", LotViewSet.as_view({"get": "retrieve"}), name="trace"),
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
