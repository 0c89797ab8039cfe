"""From where something is done just now: a page, the API, the administration, or the server itself (a command, a task).

A service never sees a request; what it writes on record about its caller it reads here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """`way` is PAGE, API, ADMIN or SERVER; `ip` tells the caller's address when somebody wants to know it, None for none."""

    way: str
    ip: Callable[[], str | None]


SERVER = Caller("SERVER", lambda: None)
_caller: ContextVar[Caller] = ContextVar("caller", default=SERVER)


def caller() -> Caller:
    """Who calls, as far as is known; the server itself outside a request."""
    return _caller.get()


@contextmanager
def called_by(someone: Caller) -> Iterator[None]:
    """Everything inside is done on behalf of `someone`."""
    token = _caller.set(someone)
    try:
        yield
    finally:
        _caller.reset(token)
