"""Stand-ins for providers: a real HTTP server on loopback that answers as the test says, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, str]


@dataclass
class Asked:
    """One request."""

    path: str
    values: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Provider:
    """The stand-in: `answers` gives status and body for each request; `asked` are the requests so far."""

    address: str
    answers: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def provider(answers: Callable[[Asked], Answer]) -> Iterator[Provider]:
    """Run a stand-in while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(
                self.path,
                dict(parse_qsl(urlsplit(self.path).query) + parse_qsl(body.decode("latin-1"))),
                {name.lower(): value for name, value in self.headers.items()},
                body,
            )
            standin.asked.append(asked)
            status, text = standin.answers(asked)
            if status == 0:
                return  # hang up without a word
            data = text.encode()
            self.send_response(status)
            if status in {301, 302, 307, 308}:
                self.send_header("Location", text)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    standin = Provider(f"http://127.0.0.1:{server.server_port}", answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield standin
    finally:
        server.shutdown()
        server.server_close()
