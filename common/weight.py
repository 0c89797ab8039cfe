"""Weight is an integer number of grams. People type 斤 (500 g) or kg; both are echoed back so neither is mistaken."""

import unicodedata
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput

JIN = "jin"
KG = "kg"
GRAM = "g"
GRAMS_PER_UNIT = {JIN: 500, KG: 1000, GRAM: 1}
UNIT_CHOICES = [(JIN, _("jin (500 g)")), (KG, _("kg"))]
MAX_PACK_GRAMS = 50_000  # one parcel a person can still carry; couriers refuse more


def parse_grams(text: str, unit: str, *, most: int = MAX_PACK_GRAMS) -> int:
    """Grams from what a person typed and its unit. Raises InvalidInput for anything not above 0 and up to `most` grams."""
    try:
        grams = Decimal(unicodedata.normalize("NFKC", text).strip()) * GRAMS_PER_UNIT[unit]
    except (InvalidOperation, KeyError):
        raise InvalidInput(_("Please type a weight such as 5.")) from None
    if not grams.is_finite() or grams <= 0:
        raise InvalidInput(_("The weight must be more than 0."))
    if grams > most:
        if most == MAX_PACK_GRAMS:
            raise InvalidInput(_("One box can weigh at most 50 kg."))
        raise InvalidInput(_("That is too much. Please check the weight and its unit."))
    if grams != grams.to_integral_value():
        raise InvalidInput(_("Please give the weight to the gram at most."))
    return int(grams)


def _trim(number: Decimal) -> str:
    return f"{number.normalize():,f}"


def show_weight(grams: int) -> str:
    """ "5 kg" or "250 g", for people to read: 5公斤 and 250克 in Chinese."""
    if grams < 1000:
        return gettext("%(g)s g") % {"g": grams}
    return gettext("%(kg)s kg") % {"kg": _trim(Decimal(grams) / 1000)}


def show_both_units(grams: int) -> str:
    """ "10 斤 = 5 kg": the echo shown wherever a weight is typed."""
    return gettext("%(jin)s jin = %(kg)s kg") % {"jin": _trim(Decimal(grams) / 500), "kg": _trim(Decimal(grams) / 1000)}


def fen_per(grams: int, price_fen: int, pack_grams: int) -> int:
    """The price in fen of `grams` at `price_fen` for a pack of `pack_grams`, rounded half up; for display only."""
    return (2 * price_fen * grams + pack_grams) // (2 * pack_grams)
