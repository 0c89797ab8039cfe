"""Addresses of the county's specialist."""

from django.urls import path

from specialists.views import home, visits

app_name = "specialists"
urlpatterns = [
    path("", home.home, name="home"),
    path("households/", home.household_list, name="household_list"),
    path("households/<int:pk>/", home.household_detail, name="household_detail"),
    path("households/<int:pk>/visit/", visits.visit_plan, name="visit_plan"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/photos/<int:pk>/<int:width>/", visits.visit_photo, name="visit_photo"),
    path("calls/", home.call_note, name="call_note"),
]
