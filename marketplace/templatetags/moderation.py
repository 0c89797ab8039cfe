"""What the moderators' pages ask of a revision."""

from django import template

from common.weight import fen_per
from marketplace.models import ListingRevision

register = template.Library()


@register.filter
def outside(revision: ListingRevision, usual: tuple[int, int]) -> bool:
    """Whether its price per kg is under half of the lowest or over twice the highest that others ask."""
    if not revision.price_fen or not revision.pack_grams:
        return False
    per_kg = fen_per(1000, revision.price_fen, revision.pack_grams)
    return per_kg * 2 < usual[0] or per_kg > usual[1] * 2
