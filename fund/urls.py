"""Addresses of the fund."""

from django.urls import path

from fund.views import desk, giving, grants, public

app_name = "fund"
urlpatterns = [
    path("fund/", public.overview, name="overview"),
    path("fund/programmes/<slug:slug>/", public.programme, name="programme"),
    path("fund/entries/<slug:purpose>/", public.entries, name="entries"),
    path("fund/give/", giving.give, name="give"),
    path("fund/gifts/<uuid:token>/", giving.gift, name="gift"),
    path("fund/gifts/<uuid:token>/receipt/", giving.receipt, name="receipt"),
    path("fund/mine/", giving.mine, name="mine"),
    path("sell/grants/", giving.farm_grants, name="farm_grants"),
    path("fund/desk/", desk.desk, name="desk"),
    path("fund/desk/programmes/new/", desk.programme_open, name="programme_open"),
    path("fund/desk/programmes/<int:pk>/", desk.programme_change, name="programme_change"),
    path("fund/desk/payees/new/", desk.payee_add, name="payee_add"),
    path("fund/desk/payees/<int:pk>/close/", desk.payee_close, name="payee_close"),
    path("fund/desk/allotments/new/", desk.allotment_prepare, name="allotment_prepare"),
    path("fund/desk/allotments/<int:pk>/", desk.allotment, name="allotment"),
    path("fund/desk/gifts/<int:pk>/", desk.gift_desk, name="gift_desk"),
    path("fund/desk/returns/<int:pk>/", desk.gift_return, name="gift_return"),
    path("fund/desk/grants/new/", grants.grant_prepare, name="grant_prepare"),
    path("fund/desk/grants/<int:pk>/", grants.grant, name="grant"),
    path("fund/evidence/<int:pk>/", grants.evidence, name="evidence"),
    path("moderation/grant-photos/", grants.photo_queue, name="photo_queue"),
    path("moderation/grant-photos/<int:pk>/", grants.photo_decide, name="photo_decide"),
]
