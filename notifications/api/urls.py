"""Addresses under /api/v1/: notifications."""

from django.urls import path

from notifications.api.views import NotificationViewSet

view = NotificationViewSet.as_view
urlpatterns = [
    path("notifications/", view({"get": "list"}), name="notification-list"),
    path("notifications/unread/", view({"get": "unread"}), name="notification-unread"),
    path("notifications/read/", view({"post": "read_all"}), name="notification-read-all"),
    path("notifications/<int:pk>/", view({"get": "retrieve"}), name="notification-detail"),
    path("notifications/<int:pk>/read/", view({"post": "read_one"}), name="notification-read"),
]
