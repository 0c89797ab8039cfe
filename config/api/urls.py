"""Addresses of the API. Each app brings its own: `urlpatterns` in its `api/urls.py`."""

from django.urls import include, path, re_path

from config.api import views

app_name = "api"
v1 = [
    path("", include("accounts.api.urls")),
    path("", include("notifications.api.urls")),
    path("", include("marketplace.api.urls")),
    path("", include("orders.api.urls")),
    path("", include("payments.api.urls")),
    path("", include("fund.api.urls")),
    path("", include("insights.api.urls")),
    path("", include("specialists.api.urls")),
]
urlpatterns = [
    path("", views.page, name="index"),
    path("schema/", views.schema_file, name="schema"),
    path("v1/", include(v1)),
    re_path(r"^.*$", views.nothing_here, name="nothing"),
]
