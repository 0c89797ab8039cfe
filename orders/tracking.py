"""Tracking numbers as farmers type or paste them: cleaned, and refused where they cannot be one."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from orders.models import Parcel

_PLAUSIBLE = re.compile(r"[A-Z]{0,6}\d{8,22}[A-Z]{0,3}")
_BY_COURIER = {
    Parcel.Courier.SF: re.compile(r"(SF)?\d{12,15}"),
    Parcel.Courier.EMS: re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}|\d{13}"),
}


def clean_tracking_number(courier: str, text: str) -> str:
    """The number without spaces and dashes, in capitals. Raises InvalidInput for what no courier prints."""
    if courier not in Parcel.Courier.values:
        raise InvalidInput(_("Please choose the courier."), field="courier")
    number = re.sub(r"[\s\-_]", "", unicodedata.normalize("NFKC", text)).upper()
    if not number:
        raise InvalidInput(_("Please type the tracking number from the courier's slip."), field="tracking_number")
    digits = re.sub(r"\D", "", number)
    if not _PLAUSIBLE.fullmatch(number) or len(set(digits)) < 2:
        raise InvalidInput(
            _("This does not look like a tracking number. It stands on the courier's slip, usually 10 to 15 digits."),
            field="tracking_number",
        )
    shape = _BY_COURIER.get(Parcel.Courier(courier))
    if shape and not shape.fullmatch(number):
        raise InvalidInput(
            _("This is not a number of %(courier)s. Please check the number and the courier."),
            field="tracking_number",
            courier=Parcel.Courier(courier).label,
        )
    return number
