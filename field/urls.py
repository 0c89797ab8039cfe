"""Addresses of what works without signal."""

from django.urls import path, re_path

from field.views import entries, photos, shell

app_name = "field"
urlpatterns = [
    path("worker.js", shell.worker, name="worker"),
    re_path(
        r"^app/(?P<who>farmer|specialist)\.(?P<language>en|zh-hans)\.webmanifest$", shell.manifest, name="manifest"
    ),
    path("field/", entries.home, name="home"),
    path("field/token/", shell.token, name="token"),
    path("field/photos/", photos.photo_up, name="photo_up"),
    path("field/photos/<int:pk>/<int:width>/", entries.photo, name="photo"),
    path("field/<slug:kind>/", entries.entry, name="entry"),
    path("field/<slug:kind>/withdraw/", entries.withdraw, name="withdraw"),
    path("field/for/<int:pk>/", entries.home_for, name="home_for"),
    path("field/for/<int:pk>/<slug:kind>/", entries.entry_for, name="entry_for"),
    path("field/for/<int:pk>/<slug:kind>/withdraw/", entries.withdraw_for, name="withdraw_for"),
]
