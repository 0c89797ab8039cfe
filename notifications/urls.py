"""Addresses of notifications."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.listing, name="list"),
    path("notifications/read/", views.read_all, name="read"),
    path("notifications/badge/", views.badge, name="badge"),
    path("notifications/<int:pk>/", views.open_one, name="open"),
    path("notifications/reports/aliyun/<str:token>/", views.aliyun_reports, name="aliyun_reports"),
    path("me/telling/", views.choices, name="choices"),
    path("me/telling/devices/", views.device_add, name="device_add"),
    path("me/telling/devices/<int:pk>/remove/", views.device_remove, name="device_remove"),
    path("outbox/", views.outbox, name="outbox"),
]
