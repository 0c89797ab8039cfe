"""Pages of training."""

from django.urls import path

from training import videos, views

app_name = "training"
urlpatterns = [
    path("training/", views.course_list, name="course_list"),
    path("figures/training/", views.figures, name="figures"),
    path("training/<slug:slug>/", views.course_detail, name="course_detail"),
    path("training/<slug:slug>/<int:position>/", views.lesson, name="lesson"),
    path("training/videos/<uuid:key>.mp4", videos.film, name="film"),
    path("training/videos/<uuid:key>.webp", videos.poster, name="film_poster"),
    path("certificates/", views.certificate_find, name="certificate_find"),
    path("certificates/<slug:code>/", views.certificate, name="certificate"),
    path("certificates/<slug:code>/qr.svg", views.certificate_qr, name="certificate_qr"),
]
