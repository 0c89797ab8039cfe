"""Pick lists: each evening and morning one message a farmer, asked from the orders at that moment, and seen with one tap.

A slot is over when its answer is due: who wakes up later than that makes no list of it any more, the next slot has it all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Farmer
from common.errors import NotAllowed
from common.transactions import needs_transaction, use_case
from common.weight import show_weight
from notifications.services import notify
from notifications.texts import as_sms
from orders import queries
from orders.models import Parcel, PickList
from orders.packing import Pick, picking_list

KIND = "pick_list"
REPLY = "1"
SMS_PART = 70  # characters of one text message that holds any that is not Latin


@dataclass(frozen=True)
class Now:
    """The slot that is running: its day, its name, until when it is to be answered."""

    day: date
    slot: str
    answer_by: datetime


def running_slot(now: datetime) -> Now | None:
    """The slot whose list may be made at this moment, in China; None between the slots."""
    here = ZoneInfo(settings.TIME_ZONE)
    today = timezone.localdate(now)
    for slot, (begins, answer) in settings.PICK_LIST_SLOTS.items():
        start, end = (datetime.combine(today, time.fromisoformat(text), here) for text in (begins, answer))
        if start <= now < end:
            return Now(today, slot, end)
    return None


def farmers_to_tell(now: datetime) -> list[int]:
    """Farmers with something to pick and no list of the running slot yet."""
    slot = running_slot(now)
    if slot is None:
        return []
    told = PickList.objects.filter(farmer=OuterRef("pk"), day=slot.day, slot=slot.slot)
    due = Parcel.objects.filter(farmer=OuterRef("pk"), state=Parcel.State.TO_PACK, post_by__lte=_ahead(now))
    return list(Farmer.objects.filter(Exists(due), ~Exists(told)).order_by("pk").values_list("pk", flat=True))


def due_parcels(farmer: Farmer, now: datetime) -> list[Parcel]:
    """What is to be posted within the promised days: all but harvests that are still to come. The most urgent first."""
    return list(queries.to_pack(farmer).filter(post_by__lte=_ahead(now)))


@use_case
def make_pick_list(*, farmer_id: int, now: datetime) -> bool:
    """The farmer's list of the running slot, with its message, unless there is one or nothing to pick.

    Safe twice and from two workers: the farmer's row is held, and the database knows one list a slot. List and message
    are committed together or not at all.
    """
    slot = running_slot(now)
    if slot is None:
        return False
    farmer = _hold(farmer_id)
    if PickList.objects.filter(farmer=farmer, day=slot.day, slot=slot.slot).exists():
        return False
    parcels = due_parcels(farmer, now)
    if not parcels:
        return False
    picks = picking_list(parcels)
    made = PickList.objects.create(
        farmer=farmer,
        day=slot.day,
        slot=slot.slot,
        items=[[pick.lot.pk, pick.packs] for pick in picks],
        parcels=len(parcels),
        made_at=now,
        answer_by=slot.answer_by,
    )
    _tell(made, picks, now)
    return True


@use_case
def see_pick_list(*, pick_list_id: int, farmer: Farmer, now: datetime) -> bool:
    """The farmer has seen it. False, and nothing changes, the second time. Raises NotAllowed for another's."""
    mine = PickList.objects.filter(pk=pick_list_id, farmer=farmer).first()
    if mine is None:
        raise NotAllowed
    return see_list(mine, now)


@needs_transaction
def see_list(pick_list: PickList, now: datetime) -> bool:
    """As see_pick_list, for a list known to be the farmer's; a step."""
    return bool(PickList.objects.filter(pk=pick_list.pk, seen_at=None).update(seen_at=now))


def unseen_list(farmer: Farmer, now: datetime) -> PickList | None:
    """The newest list, if the farmer has not said that they have seen it; none from yesterday's yesterday."""
    newest = PickList.objects.filter(farmer=farmer, made_at__gte=now - timedelta(days=1)).first()
    return newest if newest and newest.seen_at is None else None


@needs_transaction
def _hold(farmer_id: int) -> Farmer:
    return Farmer.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=farmer_id)


@needs_transaction
def _tell(made: PickList, picks: Sequence[Pick], now: datetime) -> None:
    values: dict[str, str] = {}
    for language, suffix in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            boxes = [f"{pick.line.produce_name}{show_weight(pick.line.pack_grams)}×{pick.packs}" for pick in picks]
        values[f"what_{suffix}"] = ("、" if suffix == "zh" else ", ").join(boxes)
        values[f"short_{suffix}"] = _that_fits(boxes, language, made)
    notify(
        recipient=made.farmer.user,
        kind=KIND,
        about=f"pick_list:{made.pk}",
        now=now,
        link=reverse("orders:parcel_list"),
        until=made.answer_by,
        clock=f"{timezone.localtime(made.answer_by):%H:%M}",
        parcels=made.parcels,
        **_reply(),
        **values,
    )


def _that_fits(boxes: Sequence[str], language: str, made: PickList) -> str:
    """As many of the boxes as one part of a text message takes, and how many kinds there are beyond them."""
    clock = f"{timezone.localtime(made.answer_by):%H:%M}"
    context = {"short_zh": "·", "short_en": "·", "parcels": made.parcels, "clock": clock, **_reply()}
    room = SMS_PART - len(as_sms(KIND, context, language)) + 1
    between, more = ("、", "等{}样") if language == "zh-hans" else (", ", " +{}")
    for taken in range(len(boxes), 0, -1):
        rest = "" if taken == len(boxes) else more.format(len(boxes) if language == "zh-hans" else len(boxes) - taken)
        text = between.join(boxes[:taken]) + rest
        if len(text) <= room:
            return text
    return (f"{len(boxes)}样" if language == "zh-hans" else f"{len(boxes)} kinds")[:room]


def _reply() -> dict[str, str]:
    """What to text back, where what comes back reaches us."""
    return {"reply": REPLY} if settings.SMS_REPLY_TOKEN else {}


def _ahead(now: datetime) -> datetime:
    return now + timedelta(days=settings.DAYS_TO_POST)
