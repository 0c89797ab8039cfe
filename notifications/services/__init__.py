"""Every write of notifications: telling someone, sending what is due, marking as read."""

from notifications.services.reading import mark_all_read, mark_read
from notifications.services.telling import notify, owe_code, send_code

__all__ = ["mark_all_read", "mark_read", "notify", "owe_code", "send_code"]
