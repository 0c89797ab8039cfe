"""What acts say they were about: in Chinese, as the farmers read it. The row keeps words; it is they who have to know it."""

from django.utils import translation

from common.errors import WrongState
from common.weight import show_weight
from marketplace.models import Listing


def called(listing: Listing) -> str:
    """“脐橙 5 kg”. Raises WrongState for a listing that never said what it is."""
    if listing.produce is None or listing.pack_grams is None:
        raise WrongState
    with translation.override("zh-hans"):
        return f"{listing.produce.name_zh} {show_weight(listing.pack_grams)}"
