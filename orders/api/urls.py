"""Addresses under /api/v1/: cart, checkout, orders, parcels, reviews."""

from django.urls import path

from orders.api.buying import CartViewSet, CheckoutViewSet, CouponViewSet, OrderViewSet
from orders.api.labels import LabelViewSet, PackingSheetViewSet
from orders.api.late import LateViewSet
from orders.api.packing import PackViewSet
from orders.api.receiving import ParcelViewSet, ReviewingViewSet, ReviewQueueViewSet, ReviewViewSet
from orders.api.sharing import RewardViewSet, ShareLinkViewSet

line = CartViewSet.as_view({"patch": "change", "delete": "remove"})
urlpatterns = [
    path("cart/", CartViewSet.as_view({"get": "retrieve"}), name="cart"),
    path("cart/lines/", CartViewSet.as_view({"post": "add"}), name="cart-line-list"),
    path("cart/lines/<int:pk>/", line, name="cart-line"),
    path("cart/province/", CartViewSet.as_view({"put": "send_to"}), name="cart-province"),
    path("checkout/", CheckoutViewSet.as_view({"get": "retrieve"}), name="checkout"),
    path("coupons/", CouponViewSet.as_view({"get": "list"}), name="coupon-list"),
    path("share-links/", ShareLinkViewSet.as_view({"get": "list", "post": "create"}), name="share-link-list"),
    path("share-links/reward/", RewardViewSet.as_view({"get": "retrieve", "post": "choose"}), name="share-reward"),
    path("orders/", OrderViewSet.as_view({"get": "list", "post": "create"}), name="order-list"),
    path("orders/<slug:number>/", OrderViewSet.as_view({"get": "retrieve"}), name="order-detail"),
    path("orders/<slug:number>/again/", OrderViewSet.as_view({"post": "again"}), name="order-again"),
    path("parcels/<slug:number>/", ParcelViewSet.as_view({"get": "retrieve"}), name="parcel-detail"),
    path("parcels/<slug:number>/receive/", ParcelViewSet.as_view({"post": "receive"}), name="parcel-receive"),
    path("parcels/<slug:number>/reviews/", ReviewingViewSet.as_view({"post": "create"}), name="parcel-review"),
    path("listings/<int:pk>/reviews/", ReviewViewSet.as_view({"get": "list"}), name="listing-reviews"),
    path("moderation/late-parcels/", LateViewSet.as_view({"get": "list"}), name="late-list"),
    path("moderation/reviews/", ReviewQueueViewSet.as_view({"get": "list"}), name="review-list"),
    path("moderation/reviews/<int:pk>/decide/", ReviewQueueViewSet.as_view({"post": "decide"}), name="review-decide"),
    path("sell/labels/", LabelViewSet.as_view({"get": "retrieve"}), name="label-sheet"),
    path("sell/packing-sheet/", PackingSheetViewSet.as_view({"get": "retrieve"}), name="packing-sheet"),
    path("sell/parcels/", PackViewSet.as_view({"get": "list"}), name="pack-list"),
    path("sell/parcels/<slug:number>/", PackViewSet.as_view({"get": "retrieve"}), name="pack-detail"),
    path("sell/parcels/<slug:number>/post/", PackViewSet.as_view({"post": "post_it"}), name="pack-post"),
]
