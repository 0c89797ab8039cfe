"""A line of things that happened, run in the order of their times; what would lie in the future does not happen."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

Deed = Callable[[datetime], None]


class Timeline:
    """Deeds to be done at their times. A deed is given its time, and may add later ones."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._heap: list[tuple[datetime, int, Deed]] = []
        self._order = itertools.count()

    def at(self, when: datetime, deed: Deed) -> None:
        """Do `deed` at `when`, unless that is still to come."""
        if when <= self.now:
            heapq.heappush(self._heap, (when, next(self._order), deed))

    def run(self) -> None:
        """Do everything, in order."""
        while self._heap:
            when, _, deed = heapq.heappop(self._heap)
            deed(when)
