"""How the sandbox provider signs what it posts: Ed25519 over timestamp, nonce and the raw body.

The key pair is derived from SECRET_KEY: nothing to store, another one for each installation.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from payments.gateways.base import BadSignature, MalformedNotification, StaleNotification

KEY_ID = "sandbox-2026"
FRESH = timedelta(minutes=5)


@lru_cache(maxsize=4)
def _private_key(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(hashes.SHA256(), length=32, salt=None, info=b"chushan sandbox provider").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _message(timestamp: str, nonce: str, body: bytes) -> bytes:
    return f"{timestamp}\n{nonce}\n".encode() + body


def sign(body: bytes, now: datetime) -> dict[str, str]:
    """The headers that go with `body`."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    signature = _private_key(settings.SECRET_KEY).sign(_message(timestamp, nonce, body))
    return {
        "Sandbox-Key": KEY_ID,
        "Sandbox-Timestamp": timestamp,
        "Sandbox-Nonce": nonce,
        "Sandbox-Signature": base64.b64encode(signature).decode(),
    }


def verify(body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """Raises BadSignature, StaleNotification or MalformedNotification unless the provider signed `body` just now."""
    timestamp, nonce = headers.get("Sandbox-Timestamp", ""), headers.get("Sandbox-Nonce", "")
    if headers.get("Sandbox-Key") != KEY_ID:
        raise BadSignature("unknown key")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12 and 8 <= len(nonce) <= 64):
        raise MalformedNotification("timestamp or nonce")
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > FRESH:
        raise StaleNotification(timestamp)
    try:
        signature = base64.b64decode(headers.get("Sandbox-Signature", ""), validate=True)
        _private_key(settings.SECRET_KEY).public_key().verify(signature, _message(timestamp, nonce, body))
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise BadSignature("signature") from error
