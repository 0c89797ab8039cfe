"""Gateways by name. To add one: a package beside `sandbox` that keeps the Gateway protocol, and a line in GATEWAYS."""

from django.conf import settings
from django.utils.module_loading import import_string

from payments.gateways.base import Gateway

GATEWAYS = {
    "sandbox": "payments.gateways.sandbox.gateway.SandboxGateway",
    "wechat": "payments.gateways.wechat.gateway.WeChatGateway",
    "alipay": "payments.gateways.alipay.gateway.AlipayGateway",
    "offline": "payments.gateways.offline.gateway.OfflineGateway",
    "on_delivery": "payments.gateways.on_delivery.gateway.OnDeliveryGateway",
}

#: The settings without which a gateway cannot work: all of the first, and of the second one of its groups as a whole.
NEEDS = {
    "wechat": (
        ("WECHAT_MCH_ID", "WECHAT_APP_ID", "WECHAT_API_KEY", "WECHAT_CERTIFICATE_SERIAL", "WECHAT_PRIVATE_KEY"),
        (("WECHAT_PUBLIC_KEY_ID", "WECHAT_PUBLIC_KEY"), ("WECHAT_PLATFORM_CERTIFICATES",)),
    ),
    "alipay": (("ALIPAY_APP_ID", "ALIPAY_SELLER_ID", "ALIPAY_PRIVATE_KEY", "ALIPAY_PUBLIC_KEY"), ((),)),
}


class UnknownGateway(LookupError):
    """No gateway of that name is known here."""


def get_gateway(name: str) -> Gateway:
    """The gateway called `name`. Raises UnknownGateway; ImproperlyConfigured for the sandbox in production."""
    if name not in GATEWAYS:
        raise UnknownGateway(name)
    gateway: Gateway = import_string(GATEWAYS[name])()
    return gateway


def configured_names() -> list[str]:
    """The gateways new payments may go through, in the order of the setting PAYMENT_GATEWAY ("wechat,alipay")."""
    return [name.strip() for name in settings.PAYMENT_GATEWAY.split(",") if name.strip()]


def configured_gateway(name: str = "") -> Gateway | None:
    """The gateway called `name` if new payments may go through it, the first without a name; None when there is none."""
    names = configured_names()
    if name and name not in names:
        return None
    return get_gateway(name or names[0]) if names else None


def missing_settings(name: str) -> list[str]:
    """What is not set of what this gateway needs; empty for one that is whole, or that needs nothing."""
    needed, groups = NEEDS.get(name, ((), ((),)))
    missing = [each for each in needed if not getattr(settings, each)]
    lacking = [[each for each in group if not getattr(settings, each)] for group in groups]
    return missing + min(lacking, key=len)
