"""RSA as both providers use it: PKCS#1 v1.5 over SHA-256, keys as they hand them out (PEM, or the bare base64 of one)."""

import base64
import binascii
import textwrap

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificates

LEAST_BITS = 2048


class BadKey(ValueError):
    """A setting holds no usable key."""


def private_key(text: str) -> RSAPrivateKey:
    """Our own key. Raises BadKey."""
    for kind in ("PRIVATE KEY", "RSA PRIVATE KEY"):  # bare base64 does not say which of the two it is
        try:
            key = load_pem_private_key(_pem(text, kind), password=None)
        except (ValueError, TypeError):
            continue
        if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_BITS:
            return key
    raise BadKey("no RSA private key of 2048 bits or more")


def public_key(text: str) -> RSAPublicKey:
    """A provider's key. Raises BadKey."""
    try:
        return _usable(load_pem_public_key(_pem(text, "PUBLIC KEY")))
    except (ValueError, TypeError) as error:
        raise BadKey("no RSA public key of 2048 bits or more") from error


def certificates(text: str) -> dict[str, RSAPublicKey]:
    """Public keys by serial number (hexadecimal, capitals), from one certificate or several, one after the other."""
    try:
        found = load_pem_x509_certificates(_lines(text).encode())
        return {f"{each.serial_number:X}": _usable(each.public_key()) for each in found}
    except (ValueError, TypeError) as error:
        raise BadKey("no RSA certificate of 2048 bits or more") from error


def sign(key: RSAPrivateKey, message: bytes) -> str:
    """The signature in base64."""
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def is_signed(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether whoever has the other half of `key` signed exactly these bytes."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _usable(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise BadKey("not RSA, or too short")
    return key


def _lines(text: str) -> str:
    r"""An environment variable may hold its lines as "\n"."""
    return text.strip().replace("\\n", "\n")


def _pem(text: str, kind: str) -> bytes:
    lines = _lines(text)
    if "-----BEGIN" in lines:
        return lines.encode()
    bare = "\n".join(textwrap.wrap("".join(lines.split()), 64))
    return f"-----BEGIN {kind}-----\n{bare}\n-----END {kind}-----\n".encode()
