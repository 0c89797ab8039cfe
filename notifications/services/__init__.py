"""Every write of notifications: telling someone, sending what is due, marking as read."""

from notifications.services.choosing import forget_devices
from notifications.services.reading import mark_all_read, mark_read
from notifications.services.telling import notify, owe_code, send_code

__all__ = ["forget_devices", "mark_all_read", "mark_read", "notify", "owe_code", "send_code"]
