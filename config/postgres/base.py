"""PostgreSQL as Django speaks to it, but a kept connection is looked at without asking the server each time.

CONN_HEALTH_CHECKS asks `SELECT 1` before the first query of every request, so that a server that was restarted costs
nobody an error; on a page of one query that is half the work. A server that ends a connection says so on its socket, or
the kernel does when the server was killed: as long as there is nothing to read from an idle connection, it is there.
"""

import select
import time

from django.db.backends.postgresql import base

SURE_FOR = 10.0  # seconds; after that a firewall between us may have forgotten the connection without a word


class DatabaseWrapper(base.DatabaseWrapper):
    """See above."""

    _asked_at = 0.0

    def is_usable(self) -> bool:
        """Whether the connection still works; asks the server only when in doubt."""
        if self.connection is None or self.connection.closed:
            return False
        now = time.monotonic()
        if now - self._asked_at < SURE_FOR and not self._has_something_to_say():
            return True
        self._asked_at = now
        return super().is_usable()

    def _has_something_to_say(self) -> bool:
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
