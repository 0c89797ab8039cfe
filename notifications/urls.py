"""Addresses of notifications."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.listing, name="list"),
    path("notifications/read/", views.read_all, name="read"),
    path("notifications/badge/", views.badge, name="badge"),
    path("notifications/<int:pk>/", views.open_one, name="open"),
    path("outbox/", views.outbox, name="outbox"),
]
