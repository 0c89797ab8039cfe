"""Gateways by name. To add one: a package beside `sandbox` that keeps the Gateway protocol, and a line in GATEWAYS."""

from django.conf import settings
from django.utils.module_loading import import_string

from payments.gateways.base import Gateway

GATEWAYS = {
    "sandbox": "payments.gateways.sandbox.gateway.SandboxGateway",
}


class UnknownGateway(LookupError):
    """No gateway of that name is known here."""


def get_gateway(name: str) -> Gateway:
    """The gateway called `name`. Raises UnknownGateway; ImproperlyConfigured for the sandbox in production."""
    if name not in GATEWAYS:
        raise UnknownGateway(name)
    gateway: Gateway = import_string(GATEWAYS[name])()
    return gateway


def configured_gateway() -> Gateway | None:
    """The gateway new payments go through (setting PAYMENT_GATEWAY), or None when none is set up."""
    return get_gateway(settings.PAYMENT_GATEWAY) if settings.PAYMENT_GATEWAY else None
