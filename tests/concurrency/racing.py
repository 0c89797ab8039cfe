"""Running things at the same time for real: threads behind one barrier, each with its own database connection."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run every call in a thread of its own, started together. Returns results in order, an exception in its place."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            results[place] = call()
        except Exception as error:  # what was raised is the result
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a thread never came back"
    return results


def names(results: list[Any]) -> list[str]:
    """The class name of each result: what to count."""
    return [type(result).__name__ for result in results]
