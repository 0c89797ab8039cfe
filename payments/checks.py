"""What the settings of a shop must say about taking money."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register

from payments.gateways import GATEWAYS, configured_names, keys, missing_settings
from payments.gateways.alipay import NAME as ALIPAY
from payments.gateways.sandbox import NAME as SANDBOX
from payments.gateways.sandbox import is_allowed
from payments.gateways.wechat import NAME as WECHAT
from payments.gateways.wechat.client import their_keys

HINT = "docs/payments.md says where each value is found."


@register(Tags.compatibility)
def gateway_is_set_up(**_kwargs: Any) -> list[CheckMessage]:
    """Each gateway is one we know and has all it needs; never the sandbox outside the embedded mode."""
    names = configured_names()
    if not names:
        return [
            Info(  # not a fault of the settings: until a merchant contract is signed, this is the honest state
                "PAYMENT_GATEWAY is empty: buyers can place orders but nobody can pay them.",
                hint="docs/payments.md says what a real gateway needs.",
                id="payments.I001",
            )
        ]
    return [message for name in names for message in _faults(name)]


def _faults(name: str) -> Iterator[CheckMessage]:
    if name == SANDBOX and not is_allowed():
        yield Error("PAYMENT_GATEWAY is “sandbox”, which marks orders paid for no money.", id="payments.E001")
    if name not in GATEWAYS:
        yield Error(f"PAYMENT_GATEWAY names no known gateway: {name}.", id="payments.E002")
    elif missing := missing_settings(name):
        yield Error(
            f"The gateway {name} is only half set up: {', '.join(missing)} is empty.", hint=HINT, id="payments.E003"
        )
    elif name == WECHAT:
        yield from _wechat()
    elif name == ALIPAY:
        yield from _alipay()


def _wechat() -> Iterator[CheckMessage]:
    try:
        keys.private_key(settings.WECHAT_PRIVATE_KEY)
        their_keys()
    except keys.BadKey as error:
        yield Error(f"A key of WeChat Pay's cannot be read: {error}.", hint=HINT, id="payments.E004")
    if len(settings.WECHAT_API_KEY.encode()) != 32:
        yield Error("WECHAT_API_KEY is not 32 characters long.", hint=HINT, id="payments.E005")
    yield from _encrypted("WECHAT_API_URL")


def _alipay() -> Iterator[CheckMessage]:
    try:
        ours, theirs = keys.private_key(settings.ALIPAY_PRIVATE_KEY), keys.public_key(settings.ALIPAY_PUBLIC_KEY)
    except keys.BadKey as error:
        yield Error(f"A key of Alipay's cannot be read: {error}.", hint=HINT, id="payments.E004")
    else:
        if ours.public_key().public_numbers() == theirs.public_numbers():
            yield Error(
                "ALIPAY_PUBLIC_KEY is the public half of your own key: Alipay's notifications would all be refused, and "
                "whoever has your key could write them.",
                hint="Copy 支付宝公钥 from the app's page, not 应用公钥.",
                id="payments.E006",
            )
    yield from _encrypted("ALIPAY_GATEWAY_URL")


def _encrypted(setting: str) -> Iterator[CheckMessage]:
    if not getattr(settings, setting).startswith("https://") and not settings.EMBEDDED:
        yield Warning(f"{setting} is not an https address.", id="payments.W001")
