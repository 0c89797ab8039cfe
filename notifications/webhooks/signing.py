"""The signature: HMAC-SHA256 over "timestamp.body", as Stripe does it. docs/webhooks.md has the other side's half."""

import hashlib
import hmac
import secrets

HEADER = "Chushan-Signature"


def new_secret() -> str:
    """A secret of 256 bits that says what it is for."""
    return f"whsec_{secrets.token_urlsafe(32)}"


def signature(body: bytes, timestamp: int, *keys: str) -> str:
    """The header's value: "t=1700000000,v1=…", a v1 for each key that holds at the moment."""
    signed = f"{timestamp}.".encode() + body
    found = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys if key]
    return ",".join([f"t={timestamp}", *(f"v1={one}" for one in found)])
