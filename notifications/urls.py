"""Addresses of notifications."""

from django.urls import path

from notifications import views
from notifications.views import webhooks

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.listing, name="list"),
    path("notifications/read/", views.read_all, name="read"),
    path("notifications/badge/", views.badge, name="badge"),
    path("notifications/<int:pk>/", views.open_one, name="open"),
    path("notifications/reports/aliyun/<str:token>/", views.aliyun_reports, name="aliyun_reports"),
    path("notifications/replies/<slug:provider>/<str:token>/", views.sms_replies, name="sms_replies"),
    path("me/telling/", views.choices, name="choices"),
    path("me/telling/devices/", views.device_add, name="device_add"),
    path("me/telling/devices/<int:pk>/remove/", views.device_remove, name="device_remove"),
    path("me/webhooks/", webhooks.index, name="webhook_list"),
    path("me/webhooks/<int:pk>/", webhooks.detail, name="webhook_detail"),
    path("me/webhooks/<int:pk>/test/", webhooks.test, name="webhook_test"),
    path("me/webhooks/<int:pk>/secret/", webhooks.secret, name="webhook_secret"),
    path("me/webhooks/<int:pk>/pause/", webhooks.pause, name="webhook_pause"),
    path("me/webhooks/<int:pk>/resume/", webhooks.resume, name="webhook_resume"),
    path("me/webhooks/<int:pk>/remove/", webhooks.remove, name="webhook_remove"),
    path("me/webhooks/deliveries/<int:pk>/replay/", webhooks.replay, name="webhook_replay"),
    path("outbox/", views.outbox, name="outbox"),
]
