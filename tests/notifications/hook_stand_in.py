"""A subscriber's server on the loopback: remembers what it is sent and behaves as badly as it is told."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Subscriber:
    """`ways` are used up one by one, then all is well: 500, "drop", "drip", "redirect", "long", "hang"."""

    url: str = ""
    ways: list[int | str] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def subscriber() -> Iterator[Subscriber]:
    told = Subscriber()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.heard.append((dict(self.headers), body))
            _answer(self, told.ways.pop(0) if told.ways else 200)

        do_GET = do_POST

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, way: int | str) -> None:
    if way == "drop":
        handler.connection.shutdown(socket.SHUT_RDWR)
        return
    if way == "drip":
        try:
            for letter in b"HTTP/1.1 200 OK\r\n" * 50:
                handler.connection.sendall(bytes([letter]))
                time.sleep(0.05)
        except OSError:
            return
    if way == "redirect":
        handler.send_response(302)
        handler.send_header("Location", "http://127.0.0.1:1/")
        handler.end_headers()
        return
    handler.send_response(way if isinstance(way, int) else 200)
    handler.end_headers()
    if way == "long":
        try:
            handler.wfile.write(b"x" * 50_000_000)
        except OSError:
            return
    handler.wfile.write(b"thank you")
