"""Addresses under /api/v1/: paying, cancelling, claims, money."""

from django.urls import path

from payments.api.claims import ClaimingViewSet, ClaimPhotoViewSet, ClaimQueueViewSet, ClaimViewSet
from payments.api.direct import DirectReturnViewSet, DirectViewSet, SaidPaidViewSet
from payments.api.earning import MoneyViewSet, ParcelMoneyViewSet
from payments.api.on_delivery import OnDeliveryTermsViewSet, OnDeliveryViewSet, PromiseViewSet
from payments.api.paying import CancellingViewSet, PaymentViewSet

urlpatterns = [
    path("orders/<slug:number>/payment/", PaymentViewSet.as_view({"get": "retrieve", "post": "start"}), name="payment"),
    path("orders/<slug:number>/payment/said/", SaidPaidViewSet.as_view({"post": "say_paid"}), name="payment-said"),
    path(
        "orders/<slug:number>/payment/promise/",
        PromiseViewSet.as_view({"post": "promise"}),
        name="payment-promise",
    ),
    path(
        "orders/<slug:number>/payment/not-taken/",
        PromiseViewSet.as_view({"post": "not_taken"}),
        name="payment-not-taken",
    ),
    path("parcels/<slug:number>/cancel/", CancellingViewSet.as_view({"post": "cancel"}), name="parcel-cancel"),
    path("parcels/<slug:number>/claims/", ClaimingViewSet.as_view({"post": "create"}), name="parcel-claim"),
    path("claims/", ClaimViewSet.as_view({"get": "list"}), name="claim-list"),
    path("claims/<int:pk>/", ClaimViewSet.as_view({"get": "retrieve"}), name="claim-detail"),
    path("claims/<int:pk>/photos/<int:photo>/", ClaimPhotoViewSet.as_view({"get": "retrieve"}), name="claim-photo"),
    path("claims/<int:pk>/agree/", ClaimViewSet.as_view({"post": "agree"}), name="claim-agree"),
    path("claims/<int:pk>/dispute/", ClaimViewSet.as_view({"post": "dispute"}), name="claim-dispute"),
    path("claims/<int:pk>/accept/", ClaimViewSet.as_view({"post": "accept"}), name="claim-accept"),
    path("claims/<int:pk>/withdraw/", ClaimViewSet.as_view({"post": "withdraw"}), name="claim-withdraw"),
    path("claims/<int:pk>/appeal/", ClaimViewSet.as_view({"post": "appeal"}), name="claim-appeal"),
    path("sell/money/", MoneyViewSet.as_view({"get": "retrieve"}), name="own-money"),
    path("sell/money/parcels/", ParcelMoneyViewSet.as_view({"get": "list"}), name="own-money-list"),
    path("sell/direct/", DirectViewSet.as_view({"get": "list"}), name="own-direct-list"),
    path("sell/direct/<slug:number>/came/", DirectViewSet.as_view({"post": "came"}), name="own-direct-came"),
    path(
        "sell/direct/<slug:number>/none-came/",
        DirectViewSet.as_view({"post": "none_came"}),
        name="own-direct-none-came",
    ),
    path("sell/on-delivery/", OnDeliveryViewSet.as_view({"get": "list"}), name="own-on-delivery-list"),
    path(
        "sell/on-delivery/<slug:number>/came/",
        OnDeliveryViewSet.as_view({"post": "came"}),
        name="own-on-delivery-came",
    ),
    path(
        "sell/on-delivery/<slug:number>/not-taken/",
        OnDeliveryViewSet.as_view({"post": "not_taken"}),
        name="own-on-delivery-not-taken",
    ),
    path(
        "sell/on-delivery/<slug:number>/back/",
        OnDeliveryViewSet.as_view({"post": "back"}),
        name="own-on-delivery-back",
    ),
    path(
        "sell/on-delivery-terms/",
        OnDeliveryTermsViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="own-on-delivery-terms",
    ),
    path("sell/returns/", DirectReturnViewSet.as_view({"get": "list"}), name="own-return-list"),
    path("sell/returns/<int:pk>/sent/", DirectReturnViewSet.as_view({"post": "sent_back"}), name="own-return-sent"),
    path("moderation/claims/", ClaimQueueViewSet.as_view({"get": "list"}), name="claim-queue"),
    path(
        "moderation/claims/<int:pk>/appeal/",
        ClaimQueueViewSet.as_view({"post": "decide_appeal"}),
        name="claim-appeal-decide",
    ),
    path("moderation/claims/<int:pk>/decide/", ClaimQueueViewSet.as_view({"post": "decide"}), name="claim-decide"),
]
