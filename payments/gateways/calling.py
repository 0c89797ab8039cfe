"""One HTTP call to a provider: bounded in time and size, no redirects. Whatever goes wrong is GatewayUnavailable."""

import time
from dataclasses import dataclass
from typing import Any

import requests

from payments.gateways.base import GatewayUnavailable

TIMEOUT = (3, 8)  # seconds to connect, and between two parts of the answer
DEADLINE = 15.0  # seconds for all of it: an answer that drips holds nobody up for longer
MAX_ANSWER = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` are found by any spelling of their names."""

    status: int
    headers: Any
    body: bytes


def call(method: str, url: str, *, max_bytes: int = MAX_ANSWER, **said: Any) -> Answer:
    """Call `url`; `said` as requests takes it (data, headers). Raises GatewayUnavailable."""
    until = time.monotonic() + DEADLINE
    try:
        with requests.Session() as session:
            session.trust_env = False  # the machine's proxies and .netrc have no say in where money is asked for
            with session.request(method, url, timeout=TIMEOUT, allow_redirects=False, stream=True, **said) as answer:
                body = b""
                for part in answer.iter_content(64 * 1024):
                    body += part
                    if len(body) > max_bytes:
                        raise GatewayUnavailable("answer too large")
                    if time.monotonic() > until:
                        raise GatewayUnavailable("answer too slow")
                return Answer(answer.status_code, answer.headers, body)
    except (requests.RequestException, OSError) as error:
        raise GatewayUnavailable(type(error).__name__) from error
