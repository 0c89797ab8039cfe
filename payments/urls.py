"""Addresses of payments."""

from django.urls import path

from payments.gateways.sandbox.views import cashier

app_name = "payments"
urlpatterns = [
    path("sandbox-provider/<uuid:token>/", cashier, name="sandbox_cashier"),
]
