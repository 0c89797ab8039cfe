"""A new harvest of what is on sale, and what a harvest weighed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Farmer
from common.money import show_yuan
from common.weight import show_both_units, show_weight
from field.forms import HarvestEntryForm, WeighingForm
from field.kinds.base import Kind, id_of, theirs
from field.models import Entry
from field.sent import Sent
from marketplace.models import Listing, Lot
from marketplace.services import lots
from specialists.services import acting, boxes


class Harvest(Kind[Listing]):
    name = Entry.Kind.LOT
    slug = "harvest"
    words = gettext_lazy("New harvest")
    explains = gettext_lazy("More of what is on sale, at the same price.")
    nothing = gettext_lazy("Nothing of yours has been approved yet.")
    form = HarvestEntryForm

    def choices(self, farmer: Farmer) -> list[tuple[str, str]]:
        approved = Listing.objects.filter(farmer=farmer, approved_revision__isnull=False)
        return [
            (self.value(listing), f"{called(listing)} · {show_yuan(listing.price_fen or 0)}")
            for listing in approved.select_related("produce").order_by("-pk")
        ]

    def hold(self, sent: Sent) -> Listing:
        locked = Listing.objects.select_for_update(of=("self",), no_key=True).select_related("produce")
        approved = locked.filter(farmer=sent.farmer, approved_revision__isnull=False)
        return theirs(approved.filter(pk=sent.thing).first())

    def marks(self, thing: Listing) -> tuple[object, ...]:
        return thing.produce_id, thing.pack_grams, thing.price_fen, thing.status

    def rows(self, thing: Listing) -> list[tuple[str, str]]:
        return [
            (_("On sale"), called(thing)),
            (_("Price"), show_yuan(thing.price_fen or 0)),
            (_("State"), thing.get_status_display()),
        ]

    def can_insist(self, thing: Listing, sent: Sent) -> bool:
        return thing.status != Listing.Status.TAKEN_DOWN

    def act(self, sent: Sent, now: datetime) -> object:
        if sent.is_delegated:
            return acting.open_lot_for(
                farmer_id=sent.farmer.pk, by=sent.by, listing_id=sent.thing, now=now, **sent.values
            )
        return lots.open_lot(listing_id=sent.thing, farmer=sent.farmer, now=now, **sent.values)

    def about(self, result: Any) -> str:
        return str(result.about) if hasattr(result, "about") else f"lot:{result.pk}"

    def page(self, entry: Entry) -> str:
        return lot_page(entry)


class Weighing(Kind[Lot]):
    name = Entry.Kind.WEIGHING
    slug = "weighing"
    words = gettext_lazy("Weighed")
    explains = gettext_lazy("What a harvest came to, on the scale.")
    nothing = gettext_lazy("There is no harvest to weigh.")
    form = WeighingForm

    def choices(self, farmer: Farmer) -> list[tuple[str, str]]:
        open_ones = Lot.objects.open().filter(listing__farmer=farmer, listing__approved_revision__isnull=False)
        return [
            (self.value(lot), f"{called(lot.listing)} · {_day(lot)} · {lot.trace_code}")
            for lot in open_ones.select_related("listing__produce").order_by("-pk")
        ]

    def hold(self, sent: Sent) -> Lot:
        locked = Lot.objects.select_for_update(of=("self",), no_key=True).select_related("listing__produce")
        mine = locked.filter(listing__farmer=sent.farmer, listing__approved_revision__isnull=False)
        return theirs(mine.filter(pk=sent.thing).first())

    def marks(self, thing: Lot) -> tuple[object, ...]:
        return thing.harvested, str(thing.picked_on), thing.closed_at is None

    def rows(self, thing: Lot) -> list[tuple[str, str]]:
        rows = [
            (_("Harvest"), f"{called(thing.listing)} · {thing.trace_code}"),
            (_("Boxes in all"), f"{thing.harvested}"),
            (_("Weight"), show_both_units(thing.harvested * (thing.listing.pack_grams or 0))),
            (_("Picked"), _day(thing)),
        ]
        return [*rows, (_("State"), _("closed"))] if thing.closed_at else rows

    def can_insist(self, thing: Lot, sent: Sent) -> bool:
        return thing.closed_at is None

    def act(self, sent: Sent, now: datetime) -> object:
        if sent.is_delegated:
            return boxes.weigh_lot_for(farmer_id=sent.farmer.pk, by=sent.by, lot_id=sent.thing, now=now, **sent.values)
        return lots.weigh_lot(lot_id=sent.thing, farmer=sent.farmer, now=now, **sent.values)

    def about(self, result: Any) -> str:
        return str(result.about) if hasattr(result, "about") else f"lot:{result.pk}"

    def page(self, entry: Entry) -> str:
        return lot_page(entry)


def called(listing: Listing) -> str:
    """ "Navel orange 5 kg", in the reader's language."""
    produce = listing.produce
    if produce is None or listing.pack_grams is None:
        return str(listing.pk)
    name = produce.name_en if (get_language() or "").startswith("en") else produce.name_zh
    return f"{name} {show_weight(listing.pack_grams)}"


def _day(lot: Lot) -> str:
    if lot.picked_on is None:
        return _("not picked yet")
    return date_format(lot.picked_on, "MONTH_DAY_FORMAT")


def lot_page(entry: Entry) -> str:
    """The farmer's page of the listing, or for who wrote it for them the household's."""
    if entry.by_id != entry.farmer.user_id:
        return reverse("specialists:household_detail", args=[entry.farmer_id])
    listing_id = Lot.objects.values_list("listing_id", flat=True).get(pk=id_of(entry.about))
    return reverse("marketplace:listing_edit", args=[listing_id])
