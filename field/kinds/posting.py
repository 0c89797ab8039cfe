"""A parcel was handed to a courier."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Farmer
from common.errors import InvalidInput
from common.weight import show_weight
from field.forms import PostingForm
from field.kinds.base import Kind, id_of, theirs
from field.models import Entry
from field.sent import Sent
from orders import queries
from orders.models import Parcel
from orders.services import parcels
from orders.tracking import clean_tracking_number
from specialists.services import acting


class Posting(Kind[Parcel]):
    name = Entry.Kind.POSTING
    slug = "posting"
    words = gettext_lazy("Parcel posted")
    explains = gettext_lazy("The courier has it: number and slip.")
    nothing = gettext_lazy("There is no parcel to post.")
    form = PostingForm

    def choices(self, farmer: Farmer) -> list[tuple[str, str]]:
        return [(self.value(parcel), in_words(parcel)) for parcel in queries.to_pack(farmer)]

    def hold(self, sent: Sent) -> Parcel:
        return hold_parcel(sent)

    def marks(self, thing: Parcel) -> tuple[object, ...]:
        return thing.state, thing.courier, thing.tracking_number

    def rows(self, thing: Parcel) -> list[tuple[str, str]]:
        return rows_of(thing)

    def can_insist(self, thing: Parcel, sent: Sent) -> bool:
        return thing.state == Parcel.State.TO_PACK or (thing.state == Parcel.State.ON_THE_WAY and not sent.is_delegated)

    def is_so(self, thing: Parcel, sent: Sent) -> str | None:
        try:
            number = clean_tracking_number(sent.values["courier"], sent.values["tracking_number"])
        except InvalidInput:
            return None
        same = (thing.courier, thing.tracking_number) == (sent.values["courier"], number)
        return f"parcel:{thing.pk}" if same else None

    def act(self, sent: Sent, now: datetime) -> object:
        if sent.is_delegated:
            return acting.post_parcel_for(
                farmer_id=sent.farmer.pk, by=sent.by, parcel_id=sent.thing, now=now, **sent.values
            )
        posted = Parcel.objects.filter(pk=sent.thing, state=Parcel.State.ON_THE_WAY).exists()
        act = parcels.correct_tracking if posted else parcels.post_parcel
        return act(parcel_id=sent.thing, actor=sent.by, now=now, **sent.values)

    def about(self, result: Any) -> str:
        return str(result.about) if hasattr(result, "about") else f"parcel:{result.pk}"

    def page(self, entry: Entry) -> str:
        return parcel_page(entry)


def hold_parcel(sent: Sent) -> Parcel:
    """The farmer's own parcel, locked; a step."""
    locked = Parcel.objects.of_farmer(sent.farmer).select_for_update(of=("self",), no_key=True)
    return theirs(locked.filter(pk=sent.thing).first())


def in_words(parcel: Parcel) -> str:
    """What is in it and until when; where it goes is not said."""
    what = ", ".join(
        f"{line.produce_name} {show_weight(line.pack_grams)} × {line.packs}" for line in parcel.lines.all()
    )
    return f"{what} · {date_format(parcel.post_by, 'MONTH_DAY_FORMAT')} · {parcel.number}" if parcel.post_by else what


def rows_of(parcel: Parcel) -> list[tuple[str, str]]:
    """How it stands."""
    rows = [(_("Parcel"), parcel.number), (_("State"), parcel.get_state_display())]
    if parcel.tracking_number:
        rows += [(_("Courier"), parcel.get_courier_display()), (_("Tracking number"), parcel.tracking_number)]
    return rows


def parcel_page(entry: Entry) -> str:
    """The farmer's page of a parcel, or for who wrote it for them the household's."""
    if entry.by_id != entry.farmer.user_id:
        return reverse("specialists:household_detail", args=[entry.farmer_id])
    number = Parcel.objects.values_list("number", flat=True).get(pk=id_of(entry.about))
    return reverse("orders:parcel_detail", args=[number])
