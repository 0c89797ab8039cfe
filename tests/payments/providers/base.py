"""What both stand-ins have: books, an HTTP server, and a list of things to get wrong."""

import base64
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.utils import timezone


@lru_cache
def key(whose: str) -> rsa.RSAPrivateKey:
    """One key pair for each name."""
    return rsa.generate_private_key(65537, 2048)


def private_pem(whose: str) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key(whose).private_bytes(encoding, form, serialization.NoEncryption()).decode()


def public_pem(whose: str) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key(whose).public_key().public_bytes(encoding, form).decode()


def certificate(whose: str, serial: int) -> str:
    """A certificate in which `whose` says that the key is theirs."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, whose)])
    now = timezone.now()
    made = (
        x509.CertificateBuilder(name, name, key(whose).public_key(), serial)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key(whose), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def sign(whose: str, message: bytes, by: hashes.HashAlgorithm | None = None) -> str:
    return base64.b64encode(key(whose).sign(message, padding.PKCS1v15(), by or hashes.SHA256())).decode()


def is_signed(whose: str, message: bytes, signature: str) -> bool:
    try:
        key(whose).public_key().verify(base64.b64decode(signature), message, padding.PKCS1v15(), hashes.SHA256())
    except Exception:
        return False
    return True


@dataclass
class Deal:
    """A trade in the provider's books. `given` by our refund number: (fen, state)."""

    reference: str
    fen: int
    number: str
    state: str = "WAITING"
    paid_at: datetime | None = None
    given: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Letter:
    """A notification ready to be posted."""

    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Provider:
    """Serves while the block runs. `lies[operation]` is laid over what it would answer; `mishaps[operation]` is how it fails:

    500, "drop" (no answer after having done it), "hang", "garbage", "unsigned", "forged", "old".
    """

    name: ClassVar[str]
    number_prefix: ClassVar[str]

    def __init__(self) -> None:
        self.deals: dict[str, Deal] = {}
        self.lies: dict[str, dict[str, Any]] = {}
        self.mishaps: dict[str, Any] = {}
        self.refund_state = ""
        self.calls: Counter[str] = Counter()
        self.refused_signatures = 0
        self.bill = b""
        self.payer = "o-somebody-2088"
        self.before_answer: Any = None
        self.lock = threading.Lock()
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator["Provider"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join(timeout=5)

    # --- What a test does in the provider's name ---

    def open(self, reference: str, fen: int) -> Deal:
        return self.deals.setdefault(
            reference, Deal(reference, fen, f"{self.number_prefix}{abs(hash(reference)) % 10**18}")
        )

    def pay(self, reference: str, fen: int | None = None) -> Deal:
        """The buyer paid."""
        deal = self.deals[reference]
        deal.state, deal.paid_at = "PAID", timezone.now()
        deal.fen = fen or deal.fen
        return deal

    def give(self, deal: Deal, reference: str, fen: int) -> tuple[int, str] | None:
        """A refund: the same number is the same refund; None when it is not possible."""
        with self.lock:
            if reference in deal.given:
                return deal.given[reference] if deal.given[reference][0] == fen else None
            if deal.state != "PAID" or sum(each for each, _state in deal.given.values()) + fen > deal.fen:
                return None
            deal.given[reference] = (fen, self.refund_state or "DONE")
            return deal.given[reference]

    # --- To be written by each ---

    def settings(self) -> dict[str, str]:
        raise NotImplementedError

    def serve(self, method: str, path: str, body: bytes, headers: Any) -> tuple[str, Reply]:
        """What operation this is, and its true answer."""
        raise NotImplementedError

    def spoil(self, reply: Reply, how: str) -> Reply:
        raise NotImplementedError

    def letter(self, reference: str, **changes: Any) -> Letter:
        """The notification that `reference` was paid; `signer`, `when` and what it says can be changed."""
        raise NotImplementedError


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            operation, reply = provider.serve(self.command, self.path, body, self.headers)
            provider.calls[operation] += 1
            mishap = provider.mishaps.get(operation)
            if isinstance(mishap, list):
                mishap = mishap.pop(0) if mishap else None
            if mishap == "drop":
                self.close_connection = True
                return
            if mishap == "hang":
                time.sleep(1.5)
                self.close_connection = True
                return
            if mishap == 500:
                reply = Reply(500, b"oops")
            elif mishap == "garbage":
                reply = Reply(200, b"<html>maintenance</html>")
            elif mishap:
                reply = provider.spoil(reply, mishap)
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            if provider.before_answer:
                provider.before_answer(operation)

    return Handler
