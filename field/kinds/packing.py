"""A box was closed: what it weighs, and what it looked like when it left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Farmer
from common.weight import show_both_units
from field.forms import PackingForm
from field.kinds.base import Kind
from field.kinds.posting import hold_parcel, in_words, parcel_page, rows_of
from field.models import Entry
from field.sent import Sent
from orders import queries
from orders.models import Packing, Parcel
from orders.services.packing import pack_parcel
from specialists.services import boxes


class Packed(Kind[Parcel]):
    name = Entry.Kind.PACKING
    slug = "packing"
    words = gettext_lazy("Parcel packed")
    explains = gettext_lazy("A photo of the box before it is closed helps if a buyer complains.")
    nothing = gettext_lazy("There is no parcel to pack.")
    form = PackingForm

    def choices(self, farmer: Farmer) -> list[tuple[str, str]]:
        waiting = queries.not_packed(farmer)
        return [(self._value_of_unpacked(parcel), in_words(parcel)) for parcel in waiting]

    def hold(self, sent: Sent) -> Parcel:
        return hold_parcel(sent)

    def marks(self, thing: Parcel) -> tuple[object, ...]:
        return thing.state, _standing(thing).exists()

    def rows(self, thing: Parcel) -> list[tuple[str, str]]:
        packing = _standing(thing).first()
        if packing is None:
            return rows_of(thing)
        weight = show_both_units(packing.grams) if packing.grams else _("not weighed")
        return [*rows_of(thing), (_("Packed already"), weight)]

    def can_insist(self, thing: Parcel, sent: Sent) -> bool:
        return thing.state == Parcel.State.TO_PACK and not _standing(thing).exists()

    def act(self, sent: Sent, now: datetime) -> object:
        if sent.is_delegated:
            return boxes.pack_parcel_for(
                farmer_id=sent.farmer.pk, by=sent.by, parcel_id=sent.thing, now=now, **sent.values
            )
        return pack_parcel(parcel_id=sent.thing, actor=sent.by, now=now, **sent.values)

    def about(self, result: Any) -> str:
        return str(result.about) if hasattr(result, "about") else f"parcel:{result.parcel_id}"

    def page(self, entry: Entry) -> str:
        return parcel_page(entry)

    def _value_of_unpacked(self, parcel: Parcel) -> str:
        """As `value`, without asking again for each."""
        return f"{parcel.pk}@{self.sum_of((parcel.state, False))}"


def _standing(parcel: Parcel) -> QuerySet[Packing]:
    return Packing.objects.standing().filter(parcel=parcel)
