"""Notices in a browser that is closed (web push, RFC 8030 and 8291): the optional extra `push`.

An endpoint comes from a browser, so it is a stranger's address: only known push services are ever called, and no
redirect is followed. A notice carries a title without any value and a link into the shop, because it lies on a locked
screen for everybody to see.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from notifications.channels.base import Message, ProviderTrouble, Unsendable
from notifications.models import Device

if TYPE_CHECKING:
    from requests import Response

TIMEOUT = 5.0  # seconds
KEEP = 24 * 3600  # seconds that a push service keeps a notice for a phone that is off
GONE = {404, 410}


class WebPushChannel:
    """One notice to every device of the person; gone devices are forgotten. It is sent once one of them was reached."""

    def send(self, message: Message) -> str:
        devices = list(Device.objects.filter(user_id=message.recipient_id).order_by("pk"))
        reached, trouble = 0, ""
        for device in devices:
            try:
                _notify(device, message)
            except _Gone:
                device.delete()
            except ProviderTrouble as error:
                trouble = str(error)
            else:
                reached += 1
        if reached:
            return f"{reached} of {len(devices)}"
        if trouble:
            raise ProviderTrouble(trouble)
        raise Unsendable("no device takes notices any more")


class _Gone(Exception):
    """The push service doesn't know this device any more."""


class _NoRedirects(requests.Session):
    """Goes where it was sent and nowhere else."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, *args: Any, **kwargs: Any) -> Response:
        return super().request(*args, **{**kwargs, "allow_redirects": False})


def is_push_service(endpoint: str) -> bool:
    """Whether `endpoint` belongs to one of the push services in PUSH_SERVICES ("https://host", "https://*.domain")."""
    try:
        place = urlsplit(endpoint)
        port = place.port
    except ValueError:
        return False
    host = place.hostname or ""
    if place.username is not None or not re.fullmatch(r"[a-z0-9.-]+", host) or "\\" in endpoint:
        return False
    origin = f"{place.scheme}://{host}" + (f":{port}" if port else "")
    for allowed in settings.PUSH_SERVICES:
        scheme, _, domain = allowed.partition("://*.")
        if origin == allowed or (domain and origin.startswith(f"{scheme}://") and origin.endswith(f".{domain}")):
            return True
    return False


def _notify(device: Device, message: Message) -> None:
    from pywebpush import WebPushException, webpush

    if not is_push_service(device.endpoint):
        raise _Gone  # the list was shortened since
    tag = hashlib.sha256(message.key.encode()).hexdigest()[:32]  # the same at each attempt: one replaces the other
    payload = {"title": message.subject, "url": message.link, "tag": tag}
    try:
        webpush(
            {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}},
            data=json.dumps(payload, ensure_ascii=False),
            vapid_private_key=settings.PUSH_PRIVATE_KEY,
            vapid_claims={"sub": settings.PUSH_CONTACT},
            ttl=KEEP,
            timeout=TIMEOUT,
            headers={"Topic": tag, "Urgency": "normal"},
            requests_session=_NoRedirects(),
        )
    except WebPushException as error:
        status = error.response.status_code if error.response is not None else 0
        if status in GONE:
            raise _Gone from None
        raise ProviderTrouble(f"the push service answered {status}" if status else "the push keys don't fit") from None
    except (requests.RequestException, ValueError) as error:
        raise ProviderTrouble(type(error).__name__) from None
