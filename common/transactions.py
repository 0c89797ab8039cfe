"""Use-cases open the one transaction; steps insist on being inside one.

Nothing else in the project opens a transaction, so that where a commit happens can be read off the decorators.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")


def use_case(function: Callable[P, R]) -> Callable[P, R]:
    """One durable transaction: what it returns has been committed. Refuses to run inside another transaction."""
    return transaction.atomic(durable=True)(function)


def needs_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """A step of a use-case: it raises when called outside a transaction, instead of half-saving."""

    @wraps(function)
    def step(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise RuntimeError(f"{function.__qualname__} is a step: call it inside a use-case's transaction")
        return function(*args, **kwargs)

    return step
