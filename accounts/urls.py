"""Addresses of accounts."""

from django.urls import path

from accounts.views import (
    acts,
    addresses,
    contacts,
    farmers,
    invitations,
    payees,
    people,
    recoveries,
    tokens,
    verification,
)

app_name = "accounts"
urlpatterns = [
    path("me/", people.me, name="me"),
    path("me/contact/", contacts.contact_change, name="contact_change"),
    path("me/contact/code/", contacts.contact_code, name="contact_code"),
    path("me/password/remove/", contacts.password_remove, name="password_remove"),
    path("me/contact/stop/", recoveries.recovery_stop, name="recovery_stop"),
    path("me/sign-out-everywhere/", people.sign_out_everywhere, name="sign_out_everywhere"),
    path("me/addresses/", addresses.address_list, name="address_list"),
    path("me/addresses/new/", addresses.address_create, name="address_create"),
    path("me/addresses/<int:pk>/", addresses.address_edit, name="address_edit"),
    path("me/addresses/<int:pk>/delete/", addresses.address_delete, name="address_delete"),
    path("me/addresses/<int:pk>/default/", addresses.address_default, name="address_default"),
    path("me/tokens/", tokens.token_list, name="token_list"),
    path("me/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("places/regions/", addresses.region_children, name="region_children"),
    path("places/counties/", farmers.county_choices, name="county_choices"),
    path("join/", invitations.invitation_find, name="invitation_find"),
    path("join/<slug:code>/", invitations.invitation_open, name="invitation_open"),
    path("sell/join/", farmers.farmer_apply, name="farmer_apply"),
    path("sell/join/status/", farmers.farmer_status, name="farmer_status"),
    path("sell/join/papers/", farmers.document_add, name="document_add"),
    path("sell/join/papers/<int:pk>/remove/", farmers.document_remove, name="document_remove"),
    path("sell/payee/", payees.payee_change, name="payee_change"),
    path("sell/payee/code/", payees.payee_code, name="payee_code"),
    path("sell/payee/stop/", payees.payee_stop, name="payee_stop"),
    path("papers/<int:pk>/", verification.farmer_document, name="farmer_document"),
    path("staff/acts/", acts.act_list, name="act_list"),
    path("staff/go-on/", acts.go_on, name="second_step_go_on"),
    path("moderation/farmers/", verification.verification_queue, name="verification_queue"),
    path("moderation/farmers/<int:pk>/close/", verification.tie_declare, name="tie_declare"),
    path("moderation/farmers/<int:pk>/number/", recoveries.recovery_ask, name="recovery_ask"),
    path("moderation/numbers/", recoveries.recovery_queue, name="recovery_queue"),
    path("moderation/numbers/<int:pk>/", recoveries.recovery_detail, name="recovery_detail"),
    path("moderation/payees/<int:pk>/stop/", payees.payee_stop_for, name="payee_stop_for"),
    path("moderation/farmers/<int:pk>/", verification.verification_decide, name="verification_decide"),
]
