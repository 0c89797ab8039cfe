"""Something to sell, written down all at once. It becomes a draft, which its farmer sends to the moderators."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models import Farmer
from field.forms import EntryForm, ListingForm, PreparedForm
from field.kinds.base import Kind, id_of
from field.models import Entry
from field.sent import Sent
from marketplace.models import Listing
from marketplace.services.whole import write_listing
from specialists.services import acting


class Offer(Kind[Listing]):
    name = Entry.Kind.LISTING
    slug = "listing"
    words = gettext_lazy("Something new to sell")
    explains = gettext_lazy("Photos, box, price. You look it over before anybody sees it.")
    nothing = ""
    keeps_photos = False  # they are the listing's own

    def form_for(self, *, own: bool) -> type[EntryForm]:
        return ListingForm if own else PreparedForm

    def choices(self, farmer: Farmer) -> list[tuple[str, str]]:
        return []

    def first_values(self, farmer: Farmer) -> dict[str, Any]:
        return {"origin": farmer.town}

    def hold(self, sent: Sent) -> None:
        return None

    def act(self, sent: Sent, now: datetime) -> object:
        if sent.is_delegated:
            return acting.prepare_listing(
                farmer_id=sent.farmer.pk, by=sent.by, prepared=sent.values["whole"], photos=sent.photos, now=now
            )
        return write_listing(farmer=sent.farmer, photos=sent.photos, now=now, **sent.values)

    def about(self, result: Any) -> str:
        return str(result.about) if hasattr(result, "about") else f"listing:{result.listing_id}"

    def page(self, entry: Entry) -> str:
        if entry.by_id != entry.farmer.user_id:
            return reverse("specialists:household_detail", args=[entry.farmer_id])
        return reverse("marketplace:sell_check", args=[id_of(entry.about)])
