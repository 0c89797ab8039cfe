"""Reading what somebody else wrote, strictly: a value that is not as it should be is refused, never guessed at."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from payments.gateways.base import GatewayUnavailable, MalformedNotification

IDENTIFIER = re.compile(r"[A-Za-z0-9:_-]{1,64}\Z")
AMOUNT = re.compile(r"-?\d{1,9}(\.\d{1,2})?\Z", re.ASCII)


def json_object(body: bytes | str) -> dict[str, Any]:
    """The JSON object in `body`. PostgreSQL stores no NUL, so a message with one is refused here and not there."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedNotification("not JSON") from error
    if not isinstance(values, dict) or "\\u0000" in json.dumps(values):
        raise MalformedNotification("not an object, or with NUL")
    return values


def identifier(values: Mapping[str, Any], name: str) -> str:
    """The number or reference called `name`. Raises MalformedNotification."""
    value = values.get(name)
    if not isinstance(value, str) or not IDENTIFIER.match(value):
        raise MalformedNotification(name)
    return value


def fen_of_yuan(text: object) -> int:
    """Fen from a provider's "49.80" (also "49.8" and "-49"). Raises MalformedNotification for anything else."""
    if not isinstance(text, str) or not AMOUNT.match(text):
        raise MalformedNotification(f"amount {str(text)[:20]!r}")
    return int(Decimal(text) * 100)


def same(values: Mapping[str, Any], **ours: object) -> None:
    """Raise GatewayUnavailable unless an answer is about what was asked: one about anything else says nothing."""
    for name, ours_is in ours.items():
        if values.get(name) != ours_is:
            raise GatewayUnavailable(f"asked about {name} {ours_is}, told of {str(values.get(name))[:64]}")


@contextmanager
def an_answer() -> Iterator[None]:
    """What is read inside came as an answer to a question of ours: if it makes no sense, nothing is known."""
    try:
        yield
    except MalformedNotification as error:
        raise GatewayUnavailable(f"unreadable answer: {error}") from error
