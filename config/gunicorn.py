"""Gunicorn's hooks. Everything else is said on its command line."""

from typing import Any


def child_exit(server: Any, worker: Any) -> None:
    """A worker has ended."""
    from config.metrics import forget_process

    forget_process(worker.pid)
