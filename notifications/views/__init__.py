"""The pages of notifications."""

from notifications.views.choosing import choices, device_add, device_remove
from notifications.views.inbox import badge, listing, open_one, read_all
from notifications.views.outbox import outbox
from notifications.views.receipts import aliyun_reports
from notifications.views.replies import sms_replies

__all__ = [
    "aliyun_reports",
    "badge",
    "choices",
    "device_add",
    "device_remove",
    "listing",
    "open_one",
    "outbox",
    "read_all",
    "sms_replies",
]
