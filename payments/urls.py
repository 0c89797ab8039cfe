"""Addresses of payments."""

from django.urls import path

from payments.gateways.sandbox.views import cashier
from payments.views import cancelling, notifying, paying

app_name = "payments"
urlpatterns = [
    path("orders/<slug:number>/pay/", paying.pay, name="pay"),
    path("orders/<slug:number>/paid/", paying.returned, name="returned"),
    path("parcels/<slug:number>/cancel/", cancelling.parcel_cancel, name="parcel_cancel"),
    path("payments/notify/<slug:gateway>/", notifying.notify, name="notify"),
    path("sandbox-provider/<uuid:token>/", cashier, name="sandbox_cashier"),
]
