"""What the shop window stores. Stock lives on lots and nowhere else."""

from marketplace.models.appeals import Appeal
from marketplace.models.finding import SearchDay, Spelling, Wish
from marketplace.models.imports import ImportedRow, SheetImport
from marketplace.models.listings import Listing, ListingRevision, RevisionPhoto
from marketplace.models.lots import Hold, Lot
from marketplace.models.moderation import ModerationDecision
from marketplace.models.offers import Offer
from marketplace.models.photos import Photo
from marketplace.models.produce import Produce
from marketplace.models.reports import Report
from marketplace.models.sharing import ShareLink
from marketplace.models.shelf import ShelfPlace
from marketplace.models.storefronts import Storefront
from marketplace.models.terms import ForbiddenTerm
from marketplace.models.window import Window

__all__ = [
    "Appeal",
    "ForbiddenTerm",
    "Hold",
    "ImportedRow",
    "Listing",
    "ListingRevision",
    "Lot",
    "ModerationDecision",
    "Offer",
    "Photo",
    "Produce",
    "Report",
    "RevisionPhoto",
    "SearchDay",
    "ShareLink",
    "SheetImport",
    "ShelfPlace",
    "Spelling",
    "Storefront",
    "Window",
    "Wish",
]
