"""No way into our own network: addresses that mean harm make no connection at all."""

import socket
from typing import Any

import pytest

from common.errors import InvalidInput
from notifications.webhooks import calling
from tests.notifications.hook_stand_in import subscriber

INSIDE = [
    "http://127.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://[fc00::1]:{port}/",
    "http://10.0.0.1:{port}/",
    "http://172.16.0.1:{port}/",
    "http://192.168.1.1:{port}/",
    "http://169.254.169.254:{port}/latest/meta-data/",
    "http://100.64.0.1:{port}/",
    "http://224.0.0.1:{port}/",
    "http://255.255.255.255:{port}/",
    "http://user:pass@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.com/",
    "http://example.com\\@127.0.0.1:{port}/",
    "http://①②⑦.0.0.1:{port}/",
    "http://127.0.0.1%2f:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "ftp://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\r\nX: y/",
    "http:///x",
    "",
]


@pytest.fixture
def connections(monkeypatch) -> list[Any]:
    """Every connection that is tried, made or not."""
    tried: list[Any] = []
    real = socket.create_connection

    def watched(address: Any, *args: Any, **kwargs: Any) -> Any:
        tried.append(address)
        return real(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", watched)
    return tried


@pytest.mark.parametrize("url", INSIDE)
def test_no_connection_is_made_to_the_inside(url, connections):
    with subscriber() as inside:
        port = inside.url.split(":")[2].split("/")[0]
        answer = calling.post(url.replace("{port}", port), b"{}", {})

    assert (answer.status, connections, inside.heard) == (None, [], [])


def test_the_control_with_the_guard_taken_out_gets_inside(settings, connections):
    settings.WEBHOOK_ALLOWED_ADDRESSES = ["127.0.0.1"]
    with subscriber() as inside:
        answer = calling.post(inside.url, b"{}", {})

    assert (answer.status, len(connections), len(inside.heard)) == (200, 1, 1)


def test_a_name_is_looked_up_once_and_that_address_is_called(monkeypatch, connections):
    """A name that is public when it is checked and private when it is called gains nothing."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])

    def resolve(_host: str, port: int, **_kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in next(answers)]

    def connect(address: Any, *_args: Any, **_kwargs: Any) -> Any:
        connections.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    calling.post("http://rebinding.example/", b"{}", {})

    assert connections == [("93.184.216.34", 80)]


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch, connections):
    def resolve(_host: str, port: int, **_kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    assert calling.post("http://both.example/", b"{}", {}).error == "address refused"
    assert connections == []


def test_a_redirect_is_not_followed(settings, connections):
    settings.WEBHOOK_ALLOWED_ADDRESSES = ["127.0.0.1"]
    with subscriber() as inside:
        inside.ways = ["redirect"]
        answer = calling.post(inside.url, b"{}", {})

    assert (answer.status, answer.is_taken, len(connections)) == (302, False, 1)


def test_production_takes_https_only(settings):
    settings.WEBHOOK_ALLOW_HTTP = False

    with pytest.raises(InvalidInput):
        calling.check_url("http://example.com/")
    assert calling.check_url("https://example.com:8443/a?b=c").port == 8443


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "1.1.1.1"])
def test_public_addresses_are_public(address):
    assert calling.is_public(address)
