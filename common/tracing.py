"""One id for everything that one request sets going: in the answer's header, in each log line, in the tasks it wakes."""

import re
import secrets
from contextvars import ContextVar

_SANE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the request or task that this is part of; empty outside any."""
    return _current.get()


def new_id() -> str:
    """An id of our own: 16 letters that nobody can guess and no pattern takes for a phone number."""
    return f"r{secrets.token_hex(8)}"


def is_sane(text: str) -> bool:
    """Whether an id that came from outside may stand in a log: short, and nothing but letters, digits, - and _."""
    return bool(_SANE.fullmatch(text))


def follow(id_: str) -> None:
    """From here on this thread works for `id_` (empty: for nothing), until it is told otherwise."""
    _current.set(id_)
