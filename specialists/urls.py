"""Addresses of the county's specialist."""

from django.urls import path

from specialists.views import acting, consents, helped, home, invitations, pricing, visits

app_name = "specialists"
urlpatterns = [
    path("specialist/", home.home, name="home"),
    path("specialist/households/", home.household_list, name="household_list"),
    path("specialist/households/<int:pk>/", home.household_detail, name="household_detail"),
    path("specialist/households/<int:pk>/visit/", visits.visit_plan, name="visit_plan"),
    path("specialist/visits/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("specialist/visits/photos/<int:pk>/<int:width>/", visits.visit_photo, name="visit_photo"),
    path("specialist/invitations/", invitations.invitation_list, name="invitation_list"),
    path("specialist/invitations/<int:pk>/", invitations.invitation_detail, name="invitation_detail"),
    path("specialist/invitations/<int:pk>/code.svg", invitations.invitation_qr, name="invitation_qr"),
    path("specialist/invitations/<int:pk>/withdraw/", invitations.invitation_withdraw, name="invitation_withdraw"),
    path("specialist/calls/", home.call_note, name="call_note"),
    path("specialist/households/<int:pk>/consent/", consents.consent, name="consent"),
    path("specialist/households/<int:pk>/consent/code/", consents.consent_code, name="consent_code"),
    path("specialist/households/<int:pk>/consent/paper/", consents.consent_paper, name="consent_paper"),
    path("specialist/households/<int:pk>/listing/", acting.listing_prepare, name="listing_prepare"),
    path("specialist/households/<int:pk>/listings/<int:listing_pk>/lot/", acting.lot_open, name="lot_open"),
    path("specialist/households/<int:pk>/listings/<int:listing_pk>/price/", pricing.price, name="price"),
    path("specialist/households/<int:pk>/listings/<int:listing_pk>/price/code/", pricing.price_code, name="price_code"),
    path("specialist/households/<int:pk>/parcels/", acting.parcel_list, name="parcel_list"),
    path("specialist/households/<int:pk>/packing.pdf", acting.packing_sheet, name="packing_sheet"),
    path("specialist/households/<int:pk>/parcels/<slug:number>/", acting.parcel_post, name="parcel_post"),
    path("sell/helped/", helped.helped, name="helped"),
    path("sell/helped/<int:pk>/undo/", helped.act_undo, name="act_undo"),
    path("consents/<int:pk>/end/", helped.consent_end, name="consent_end"),
    path("consents/<int:pk>/paper/", helped.paper, name="paper"),
    path("moderation/consents/", helped.paper_queue, name="paper_queue"),
    path("moderation/consents/<int:pk>/", helped.paper_decide, name="paper_decide"),
]
