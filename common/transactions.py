"""Use-cases open the one transaction; steps insist on being inside one.

Nothing else in the project opens a transaction, so that where a commit happens can be read off the decorators.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

_first: ContextVar[tuple[Callable[[], None], ...]] = ContextVar("first", default=())
_last: ContextVar[tuple[Callable[[Any], None], ...]] = ContextVar("last", default=())


def use_case(function: Callable[P, R]) -> Callable[P, R]:
    """One durable transaction: what it returns has been committed. Refuses to run inside another transaction."""

    @wraps(function)
    def committed(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(durable=True):
            for check in _first.get():
                check()
            result = function(*args, **kwargs)
            for keep in _last.get():
                keep(result)
            return result

    return committed


def needs_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """A step of a use-case: it raises when called outside a transaction, instead of half-saving."""

    @wraps(function)
    def step(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise RuntimeError(f"{function.__qualname__} is a step: call it inside a use-case's transaction")
        return function(*args, **kwargs)

    return step


@contextmanager
def starting_with(check: Callable[[], None]) -> Iterator[None]:
    """Let each use-case called in here begin its transaction with `check`; what it raises stops the use-case."""
    token = _first.set((*_first.get(), check))
    try:
        yield
    finally:
        _first.reset(token)


@contextmanager
def ending_with(keep: Callable[[Any], None]) -> Iterator[None]:
    """Let each use-case called in here end its transaction with `keep(result)`: both are committed, or neither is."""
    token = _last.set((*_last.get(), keep))
    try:
        yield
    finally:
        _last.reset(token)
