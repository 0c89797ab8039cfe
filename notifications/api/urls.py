"""Addresses under /api/v1/: notifications."""

from django.urls import path

from notifications.api.choices import ChoicesViewSet, DeviceViewSet
from notifications.api.views import NotificationViewSet
from notifications.api.webhooks import WebhookDeliveryViewSet, WebhookViewSet

view = NotificationViewSet.as_view
hook = WebhookViewSet.as_view
sent = WebhookDeliveryViewSet.as_view
urlpatterns = [
    path("notifications/", view({"get": "list"}), name="notification-list"),
    path("notifications/unread/", view({"get": "unread"}), name="notification-unread"),
    path("notifications/read/", view({"post": "read_all"}), name="notification-read-all"),
    path("notifications/<int:pk>/", view({"get": "retrieve"}), name="notification-detail"),
    path("notifications/<int:pk>/read/", view({"post": "read_one"}), name="notification-read"),
    path("me/telling/", ChoicesViewSet.as_view({"get": "retrieve", "put": "update"}), name="telling"),
    path("me/devices/", DeviceViewSet.as_view({"get": "list", "post": "create"}), name="device-list"),
    path("me/devices/<int:pk>/", DeviceViewSet.as_view({"delete": "destroy"}), name="device-detail"),
    path("webhooks/", hook({"get": "list", "post": "create"}), name="webhook-list"),
    path(
        "webhooks/<int:pk>/",
        hook({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="webhook-detail",
    ),
    path("webhooks/<int:pk>/secret/", hook({"post": "secret"}), name="webhook-secret"),
    path("webhooks/<int:pk>/test/", hook({"post": "test"}), name="webhook-test"),
    path("webhooks/<int:pk>/pause/", hook({"post": "pause"}), name="webhook-pause"),
    path("webhooks/<int:pk>/resume/", hook({"post": "resume"}), name="webhook-resume"),
    path("webhooks/<int:hook>/deliveries/", sent({"get": "list"}), name="webhook-delivery-list"),
    path("webhooks/<int:hook>/deliveries/<int:pk>/", sent({"get": "retrieve"}), name="webhook-delivery-detail"),
    path("webhooks/<int:hook>/deliveries/<int:pk>/replay/", sent({"post": "replay"}), name="webhook-delivery-replay"),
]
