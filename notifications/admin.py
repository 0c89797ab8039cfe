"""Notifications and deliveries for staff to look at: nothing is changed here, and no words or codes are shown."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from notifications.models import ChannelHealth, Delivery, Device, Notification, SmsDay


class ReadOnlyAdmin(ModelAdmin):
    """A model that staff can only look at."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ["kind", "recipient", "about", "created_at", "read_at"]
    list_filter = ["kind"]
    list_select_related = ["recipient"]
    exclude = ["context"]  # a waiting sign-in code would be in it
    search_fields = ["about"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["notification", "channel", "status", "attempts", "due_at", "sent_at", "receipt", "last_error"]
    list_filter = ["status", "channel", "receipt"]
    list_select_related = ["notification"]
    exclude = ["address"]


@admin.register(SmsDay)
class SmsDayAdmin(ReadOnlyAdmin):
    list_display = ["day", "attempts"]


@admin.register(ChannelHealth)
class ChannelHealthAdmin(ReadOnlyAdmin):
    list_display = ["channel", "failures", "closed_until", "slow_until"]


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ["id", "user", "added_at"]
    list_select_related = ["user"]
    exclude = ["endpoint", "p256dh", "auth"]  # who has them can send to the person's phone
