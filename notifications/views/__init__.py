"""The pages of notifications."""

from notifications.views.inbox import badge, listing, open_one, read_all
from notifications.views.outbox import outbox

__all__ = ["badge", "listing", "open_one", "outbox", "read_all"]
