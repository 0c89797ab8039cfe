"""How messages leave: one small adapter per way. A setting names the adapter of each channel.

To add a provider, write a module with a class that keeps `Channel`'s promise and put it in ADAPTERS.
"""

from django.conf import settings

from notifications.channels.aliyun import AliyunChannel
from notifications.channels.base import Channel, Message, NotNow, ProviderTrouble, Unsendable
from notifications.channels.outbox import OutboxChannel
from notifications.channels.smtp import SmtpChannel
from notifications.channels.webpush import WebPushChannel
from notifications.models import Delivery

__all__ = [
    "ADAPTERS",
    "Channel",
    "Message",
    "NotNow",
    "ProviderTrouble",
    "Unsendable",
    "adapter_name",
    "channel_for",
]

ADAPTERS: dict[str, type[Channel]] = {
    "outbox": OutboxChannel,
    "smtp": SmtpChannel,
    "aliyun": AliyunChannel,
    "webpush": WebPushChannel,
}


def adapter_name(channel: str) -> str:
    """The adapter that the settings name for "SMS", "EMAIL" or "PUSH"; "" for none."""
    if channel == Delivery.Channel.PUSH:
        return "webpush" if settings.PUSH_PRIVATE_KEY else ""
    return settings.SMS_BACKEND if channel == Delivery.Channel.SMS else settings.EMAIL_CHANNEL


def channel_for(channel: str) -> Channel:
    """The adapter to send over. Raises Unsendable when none is set up: the delivery is parked with that reason."""
    name = adapter_name(channel)
    if name not in ADAPTERS:
        raise Unsendable(f"no provider is set up for {channel}")
    return ADAPTERS[name]()
