"""Calling an address that a stranger gave us, without letting it reach anything of ours.

The name is resolved once, every address it stands for must be public, and the connection goes to that very address: a name
that changes between looking and connecting gains nothing. No redirect is followed, no proxy asked, little is read, and a
timer cuts the line whatever the other side does.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
READ_BYTES = 500
_EMBEDS_V4 = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]
_NEVER = [ipaddress.ip_network(net) for net in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15")]


@dataclass(frozen=True)
class Answer:
    """What came back: a status, or (None) the name of what went wrong."""

    status: int | None
    error: str
    text: str
    milliseconds: int

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Refused(Exception):
    """An address that we do not call."""


def check_url(url: str) -> SplitResult:
    """The parts of an address we may call. Raises InvalidInput (field "url"); what it resolves to is checked when called."""
    wrong = InvalidInput(_("Please give a whole address such as https://example.com/chushan."), field="url")
    if len(url) > 500 or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise wrong
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    schemes = {"https", "http"} if settings.WEBHOOK_ALLOW_HTTP else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.username is not None or parts.password is not None:
        raise wrong
    if port == 0 or parts.fragment or "%" in parts.hostname:
        raise wrong
    return parts


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """One POST. Never raises for what the other side does."""
    began = time.monotonic()
    status, error, text = None, "", ""
    try:
        parts = check_url(url)
        address = _public_address(parts)
        status, text = _exchange(parts, address, body, headers)
    except (Refused, InvalidInput):
        error = "address refused"
    except ssl.SSLError:
        error = "TLS failed"
    except TimeoutError:
        error = "too slow"
    except (OSError, http.client.HTTPException, ValueError) as problem:
        slow = time.monotonic() - began >= TOTAL_SECONDS - 0.1
        error = "too slow" if slow else type(problem).__name__
    return Answer(status, error[:80], text, int((time.monotonic() - began) * 1000))


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _public_address(parts: SplitResult) -> str:
    """The first address of the name, once all of them are known to be public."""
    found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(is_public(address) for address in addresses):
        raise Refused
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an address belongs to the open internet, looked at through every way of writing a private one in IPv6."""
    if text in settings.WEBHOOK_ALLOWED_ADDRESSES:
        return True
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if any(address in net for net in _EMBEDS_V4):
            return False
    elif any(address in net for net in _NEVER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _exchange(parts: SplitResult, address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    line = socket.create_connection((address, _port(parts)), timeout=CONNECT_SECONDS)
    cut = threading.Timer(TOTAL_SECONDS - CONNECT_SECONDS, _hang_up, [line])
    cut.daemon = True
    cut.start()
    try:
        if parts.scheme == "https":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=parts.hostname)
        line.settimeout(TOTAL_SECONDS)
        connection = http.client.HTTPConnection(parts.hostname or "", _port(parts))
        connection.sock = line
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("POST", path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, response.read(READ_BYTES).decode("utf-8", "replace").replace("\x00", "")
    finally:
        cut.cancel()
        line.close()


def _hang_up(line: socket.socket) -> None:
    """From another thread: whoever waits on this line gets an error at once."""
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
