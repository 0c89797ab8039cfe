"""Addresses of payments."""

from django.urls import path

from payments.gateways.sandbox.views import cashier
from payments.views import cancelling, claims, deciding, earning, finance, notifying, paying, payouts, reconciling

app_name = "payments"
urlpatterns = [
    path("orders/<slug:number>/pay/", paying.pay, name="pay"),
    path("orders/<slug:number>/paid/", paying.returned, name="returned"),
    path("parcels/<slug:number>/cancel/", cancelling.parcel_cancel, name="parcel_cancel"),
    path("parcels/<slug:number>/claim/", claims.claim_detail, name="claim_detail"),
    path("parcels/<slug:number>/claim/new/", claims.claim_create, name="claim_create"),
    path("claims/<int:pk>/agree/", claims.claim_agree, name="claim_agree"),
    path("claims/<int:pk>/answer/", claims.claim_dispute, name="claim_dispute"),
    path("claims/<int:pk>/accept/", claims.claim_accept, name="claim_accept"),
    path("claims/<int:pk>/withdraw/", claims.claim_withdraw, name="claim_withdraw"),
    path("claims/<int:pk>/appeal/", claims.claim_appeal, name="claim_appeal"),
    path("claims/photos/<int:pk>/<int:width>/", claims.claim_photo, name="claim_photo"),
    path("moderation/claims/", deciding.claim_queue, name="claim_queue"),
    path("moderation/claims/<int:pk>/", deciding.claim_decide, name="claim_decide"),
    path("sell/money/", earning.farm_money, name="farm_money"),
    path("sell/money/<int:year>/<int:month>/", earning.farm_statement, name="farm_statement"),
    path("finance/", finance.overview, name="finance"),
    path("finance/entries/", finance.entry_list, name="entry_list"),
    path("finance/entries/<int:pk>/", finance.entry_detail, name="entry_detail"),
    path("finance/payouts/", payouts.payout_list, name="payout_list"),
    path("finance/payouts/prepare/", payouts.payout_prepare, name="payout_prepare"),
    path("finance/payouts/<int:pk>/", payouts.payout_batch, name="payout_batch"),
    path("finance/payouts/<int:pk>/approve/", payouts.payout_approve, name="payout_approve"),
    path("finance/payouts/<int:pk>/drop/", payouts.payout_drop, name="payout_drop"),
    path("finance/payouts/<int:pk>/file/", payouts.payout_file, name="payout_file"),
    path("finance/payouts/<int:pk>/confirm/", payouts.payout_confirm_rest, name="payout_confirm_rest"),
    path("finance/payouts/one/<int:pk>/", payouts.payout_detail, name="payout_detail"),
    path("finance/payouts/one/<int:pk>/confirm/", payouts.payout_confirm, name="payout_confirm"),
    path("finance/differences/", reconciling.difference_list, name="difference_list"),
    path("payments/notify/<slug:gateway>/", notifying.notify, name="notify"),
    path("sandbox-provider/<uuid:token>/", cashier, name="sandbox_cashier"),
]
