"""How WeChat Pay is spoken to: each request is signed by us, each answer and notification by them (SHA256-RSA2048).

Two ways to know their signature: the public key with its id, which new merchants get, or platform certificates by serial
number. Both may be set while one replaces the other. An unknown serial is refused; nothing is ever fetched for it.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from payments.gateways import calling, keys
from payments.gateways.base import (
    BadSignature,
    GatewayError,
    GatewayUnavailable,
    MalformedNotification,
    NotificationRefused,
    StaleNotification,
)
from payments.gateways.reading import an_answer, json_object

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"  # they send these to see whether we look at signatures at all
FRESH = timedelta(minutes=5)
MAX_BILL = 32 * 1024 * 1024

_private_key = lru_cache(maxsize=4)(keys.private_key)
_public_key = lru_cache(maxsize=4)(keys.public_key)
_certificates = lru_cache(maxsize=4)(keys.certificates)


class WeChatSays(GatewayError):
    """An error of theirs, by its code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(f"{code}: {message}"[:200])


def their_keys() -> dict[str, RSAPublicKey]:
    """The keys whose signatures we believe, by the serial that signatures name. Raises BadKey."""
    found: dict[str, RSAPublicKey] = {}
    if settings.WECHAT_PLATFORM_CERTIFICATES:
        found |= _certificates(settings.WECHAT_PLATFORM_CERTIFICATES)
    if settings.WECHAT_PUBLIC_KEY_ID and settings.WECHAT_PUBLIC_KEY:
        found[settings.WECHAT_PUBLIC_KEY_ID] = _public_key(settings.WECHAT_PUBLIC_KEY)
    return found


def signature(signed: bytes) -> str:
    """Ours over these bytes."""
    try:
        return keys.sign(_private_key(settings.WECHAT_PRIVATE_KEY), signed)
    except keys.BadKey as error:
        raise ImproperlyConfigured(f"WECHAT_PRIVATE_KEY: {error}") from error


def authorization(method: str, path: str, body: str) -> str:
    """The Authorization header of a request; `path` with its query."""
    timestamp, nonce = str(int(timezone.now().timestamp())), secrets.token_hex(16)
    signed = f"{method}\n{path}\n{timestamp}\n{nonce}\n{body}\n".encode()
    parts = {
        "mchid": settings.WECHAT_MCH_ID,
        "nonce_str": nonce,
        "signature": signature(signed),
        "timestamp": timestamp,
        "serial_no": settings.WECHAT_CERTIFICATE_SERIAL,
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in parts.items())


def verify(headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises a NotificationRefused unless WeChat signed these very bytes within five minutes of `now`."""
    timestamp, nonce = headers.get("Wechatpay-Timestamp", ""), headers.get("Wechatpay-Nonce", "")
    signature = headers.get("Wechatpay-Signature", "")
    key = their_keys().get(headers.get("Wechatpay-Serial", ""))
    if key is None or headers.get("Wechatpay-Signature-Type", SCHEME) != SCHEME or signature.startswith(PROBE):
        raise BadSignature("unknown serial, another scheme, or a probe")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12 and 0 < len(nonce) <= 64):
        raise MalformedNotification("timestamp or nonce")
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > FRESH:
        raise StaleNotification(timestamp)
    if not keys.is_signed(key, f"{timestamp}\n{nonce}\n".encode() + body + b"\n", signature):
        raise BadSignature("signature")


def unseal(resource: object) -> dict[str, Any]:
    """What is inside a notification, sealed with the APIv3 key (AES-256-GCM). Raises MalformedNotification."""
    if not isinstance(resource, dict) or resource.get("algorithm") != "AEAD_AES_256_GCM":
        raise MalformedNotification("resource")
    sealed, nonce, with_it = (resource.get(name) for name in ("ciphertext", "nonce", "associated_data"))
    if not isinstance(sealed, str) or not isinstance(nonce, str) or not isinstance(with_it, str | None):
        raise MalformedNotification("resource")
    try:
        opened = AESGCM(settings.WECHAT_API_KEY.encode()).decrypt(
            nonce.encode(), base64.b64decode(sealed, validate=True), (with_it or "").encode()
        )
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise MalformedNotification("not sealed with our key") from error
    return json_object(opened)


def ask(method: str, path: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Call their API: the answer, {} for one without a body.

    Raises WeChatSays for an error of the request, GatewayUnavailable where nothing can be known (no answer, 429, 5xx,
    an answer that is not signed by them).
    """
    body = json.dumps(values, ensure_ascii=False) if values is not None else ""
    answer = _send(method, path, body)
    if answer.status == 429 or answer.status >= 500:
        raise GatewayUnavailable(f"HTTP {answer.status}")
    # An error may come unsigned (it moves no money); one that is signed wrongly is from somebody else.
    if answer.status < 400 or answer.headers.get("Wechatpay-Signature"):
        try:
            verify(answer.headers, answer.body, timezone.now())
        except NotificationRefused as error:
            raise GatewayUnavailable(f"answer not signed as it should be: {error.code}") from error
    if answer.status == 204:
        return {}
    with an_answer():
        told = json_object(answer.body)
    if answer.status != 200:
        raise WeChatSays(answer.status, str(told.get("code", "")), str(told.get("message", "")))
    return told


def download(url: str) -> bytes:
    """A file that an answer of theirs points to; only from where their API is. Raises GatewayUnavailable."""
    if not url.startswith(f"{settings.WECHAT_API_URL}/"):
        raise GatewayUnavailable("a file from somewhere else")
    path = url.removeprefix(settings.WECHAT_API_URL)
    answer = _send("GET", path, "", max_bytes=MAX_BILL)
    if answer.status != 200:
        raise GatewayUnavailable(f"HTTP {answer.status}")
    return answer.body


def _send(method: str, path: str, body: str, **limits: int) -> calling.Answer:
    headers = {
        "Authorization": authorization(method, path, body),
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "Chushan",  # they refuse requests without one
    }
    if settings.WECHAT_PUBLIC_KEY_ID:
        headers["Wechatpay-Serial"] = settings.WECHAT_PUBLIC_KEY_ID  # the key we want the answer signed with
    return calling.call(method, settings.WECHAT_API_URL + path, data=body.encode() or None, headers=headers, **limits)
