"""Phone numbers and e-mail addresses as people type them, and as we keep them."""

import unicodedata

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from common.errors import InvalidInput

HOME = "CN"
MAX_LENGTH = 254  # of an e-mail address
_CAN_GET_TEXTS = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def parse_contact(text: str) -> tuple[str, str]:
    """("phone", E.164) or ("email", lower-case address) from what somebody typed to sign in.

    Only mobile numbers of the regions in SIGN_IN_PHONE_REGIONS: texts to anywhere else are what fraud lives on.
    Raises InvalidInput.
    """
    cleaned = unicodedata.normalize("NFKC", text).strip()
    if "@" in cleaned:
        return "email", parse_email(cleaned)
    number = _parse(cleaned)
    if (
        number is None
        or phonenumbers.region_code_for_number(number) not in settings.SIGN_IN_PHONE_REGIONS
        or phonenumbers.number_type(number) not in _CAN_GET_TEXTS
    ):
        raise InvalidInput(_("Please type a mobile number such as 138 0013 8000, or an e-mail address."))
    return "phone", phonenumbers.format_number(number, PhoneNumberFormat.E164)


def parse_email(text: str) -> str:
    """The address in lower case. Raises InvalidInput."""
    cleaned = unicodedata.normalize("NFKC", text).strip().lower()
    try:
        validate_email(cleaned)
    except ValidationError:
        raise InvalidInput(_("Please type an e-mail address such as name@example.com.")) from None
    return cleaned


def parse_phone(text: str) -> str:
    """E.164 of a number a courier can call: mobile or landline, China's unless a country code says otherwise.

    Raises InvalidInput.
    """
    number = _parse(unicodedata.normalize("NFKC", text).strip())
    if number is None:
        raise InvalidInput(_("Please type a phone number such as 138 0013 8000."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def show_phone(e164: str) -> str:
    """ "138 0013 8000": for its owner and for whoever posts to them; with the country code outside China."""
    number = _parse(e164)
    if number is None:
        here = e164.removeprefix("+86")  # a range that is not given out yet, such as the demo's
        return f"{here[:3]} {here[3:7]} {here[7:]}" if len(here) == 11 and here.isdecimal() else e164
    if number.country_code == 86:
        return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def mask_phone(e164: str) -> str:
    """ "138****0000": enough to recognise one's own number, not enough to call it; "" for none."""
    number = e164.removeprefix("+86")
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 8 else ""


def mask_contact(contact: str) -> str:
    """A phone as `mask_phone`, an e-mail address as "w****@example.com"."""
    name, at, host = contact.partition("@")
    return f"{name[:1]}****@{host}" if at else mask_phone(contact)


def _parse(text: str) -> phonenumbers.PhoneNumber | None:
    if len(text) > 40 or any(letter.isalpha() for letter in text):  # no extensions, no vanity numbers
        return None
    try:
        number = phonenumbers.parse(text, HOME)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
