"""A buyer's address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import PhoneField
from accounts.forms.places import RegionFields
from accounts.models import Address
from accounts.services.addresses import AddressDetails


class AddressForm(RegionFields):
    """Who receives, where, and how the courier reaches them."""

    recipient = forms.CharField(
        label=_("Who receives it"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Please type a name.")},
    )
    phone = PhoneField(
        label=_("Their phone"),
        help_text=_("The courier calls this number."),
        error_messages={"required": _("Please type a phone number.")},
    )
    detail = forms.CharField(
        label=_("Street, building, door"),
        min_length=2,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={
            "required": _("Please type the street and door."),
            "min_length": _("Please type the street and door."),
        },
    )
    is_default = forms.BooleanField(label=_("Use this address first"), required=False)

    field_order = ["recipient", "phone", "province", "prefecture", "county", "detail", "is_default"]

    def details(self) -> AddressDetails:
        """What was typed, for the service. Only after is_valid()."""
        return AddressDetails(**self.cleaned_data)


def as_initial(address: Address) -> dict[str, Any]:
    """The form's values for an address that exists."""
    return {
        "recipient": address.recipient,
        "phone": address.phone_shown,
        "province": address.province_id,
        "prefecture": address.prefecture_id,
        "county": address.county_id,
        "detail": address.detail,
        "is_default": address.is_default,
    }
