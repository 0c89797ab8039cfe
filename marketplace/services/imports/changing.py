"""A row about a listing that is there: its content, its price, its harvests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput, WrongState
from marketplace.errors import PackIsFixed
from marketplace.models import ListingRevision, Lot
from marketplace.services import lots
from marketplace.services.imports.plans import (
    CHANGED,
    ChangeContent,
    ChangeLot,
    ChangePrice,
    Entry,
    NewLot,
    Own,
)
from marketplace.services.listings import is_at_once

if TYPE_CHECKING:
    from marketplace.services.imports.parsing import Values
    from marketplace.services.imports.planning import Planner

DATES = ("picked_on", "expected_from", "expected_until")
# Column key: the name of the value in a revision.
FIELDS = {"produce": "produce_id", "origin": "origin", "keeps_days": "keeps_days", "words": "words"}
DRAFT_FIELDS = FIELDS | {"weight": "pack_grams", "price": "price_fen", "left": "packs"}


def plan_own(planner: Planner, row: Values, own: Own, entry: Entry, *, is_first: bool) -> None:
    """What one row does to one of the farmer's listings; later rows of the same listing are about its other harvests."""
    if not own.is_approved:
        if is_first:
            _plan_unapproved(planner, row, own, entry)
        return
    if is_first:
        _plan_pack(planner, row, own)
        _plan_price(planner, row, own, entry)
        _plan_content(planner, row, own, entry)
    if "lot" in row:
        _plan_lot(planner, row, own, entry)
    elif "left_then" in row:
        planner.say(
            InvalidInput(_("The code of the harvest is missing. Please leave it as it was exported.")), row, "lot"
        )
    elif "left" in row:
        _plan_new_lot(planner, row, own, entry)
    elif any(key in row for key in DATES):
        planner.say(InvalidInput(_("Please say how many boxes this harvest has.")), row, "left")


def _change(entry: Entry, key: str, before: Any, after: Any) -> None:
    entry.what = CHANGED
    entry.changes.append((key, _plain(before), _plain(after)))


def _plain(value: Any) -> Any:
    if hasattr(value, "name_zh"):
        return [value.name_zh, value.name_en]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _plan_pack(planner: Planner, row: Values, own: Own) -> None:
    if "weight" in row and row.get("weight") != own.listing.pack_grams:
        planner.say(PackIsFixed(), row, "weight")


def _plan_price(planner: Planner, row: Values, own: Own, entry: Entry) -> None:
    price = row.get("price")
    known = {own.listing.price_fen, own.pending.price_fen if own.pending else own.listing.price_fen}
    if price is None or price in known:
        return
    _change(entry, "price", own.listing.price_fen, price)
    if not is_at_once(own.listing, price):
        entry.note(_("A big step in price: buyers see it once a moderator has agreed."))
    planner.plan.acts.append(ChangePrice(row.row, own.listing.pk, price))


def _plan_content(planner: Planner, row: Values, own: Own, entry: Entry) -> None:
    """Words, origin, days, produce, photos: a revision that waits for a moderator while buyers see what they see."""
    changes: dict[str, Any] = {}
    for key, name in FIELDS.items():
        value = row.get(key)
        said = getattr(value, "pk", value)
        live, waiting = getattr(own.listing, name), getattr(own.pending, name, None)
        if value is None or said == live or (own.pending and said == waiting):
            continue
        changes[name] = said
        _change(entry, key, own.listing.produce if key == "produce" else live, value)
    photo_ids = planner.photos(row, own.newest_photo_ids)
    if photo_ids is not None:
        known = {own.photo_ids, own.newest_photo_ids if own.pending else own.photo_ids}
        if photo_ids in known:
            photo_ids = None
        else:
            _change(entry, "photos", len(own.photo_ids), len(photo_ids))
    if not changes and photo_ids is None:
        return
    is_unfinished = own.newest.status == ListingRevision.Status.DRAFT
    if is_unfinished:
        entry.note(_("This joins the change you have begun and waits until you send that."))
    else:
        entry.note(_("Buyers see this once a moderator has agreed."))
    planner.plan.acts.append(
        ChangeContent(row.row, own.listing.pk, changes, photo_ids=photo_ids, send=not is_unfinished)
    )


def _plan_unapproved(planner: Planner, row: Values, own: Own, entry: Entry) -> None:
    """Nobody has seen it yet: everything may change, and it waits for a moderator as soon as it is whole."""
    changes: dict[str, Any] = {}
    for key, name in DRAFT_FIELDS.items():
        value = row.get(key)
        said = getattr(value, "pk", value)
        before = getattr(own.newest, name)
        if value is None or said == before:
            continue
        changes[name] = said
        _change(entry, key, own.newest.produce if key == "produce" else before, value)
    if "packs" in changes:
        planner.try_to(lambda: lots.check_packs(changes["packs"]), row, "left")
    harvest = _changed_harvest(planner, row, own, entry)
    photo_ids = planner.photos(row, own.newest_photo_ids)
    if photo_ids is not None and photo_ids != own.newest_photo_ids:
        _change(entry, "photos", len(own.newest_photo_ids), len(photo_ids))
    else:
        photo_ids = None
    if not changes and photo_ids is None and harvest is None:
        return
    if not (photo_ids or own.newest_photo_ids):
        entry.note(_("No photo yet: it stays a draft until you add one."))
    planner.plan.acts.append(ChangeContent(row.row, own.listing.pk, changes, photo_ids=photo_ids, harvest=harvest))


def _changed_harvest(planner: Planner, row: Values, own: Own, entry: Entry) -> lots.Harvest | None:
    """The harvest a row gives an unapproved listing, if it is another than it has."""
    harvest = row.harvest
    lot = next(iter(planner.known.lots[own.listing.pk].values()), None)
    if harvest is None or (lot and _same_harvest(lot, harvest, has_grade="grade" in row)):
        return None
    if lot and "grade" not in row:
        harvest = lots.Harvest(lot.grade, harvest.picked_on, harvest.expected_from, harvest.expected_until)
    keeps_days = row.get("keeps_days") or own.newest.keeps_days
    if not planner.try_to(lambda: harvest.check(keeps_days=keeps_days, now=planner.now), row, "picked_on"):
        return None
    if row.get("left", own.newest.packs) is None:
        planner.say(InvalidInput(_("Please say how many boxes this harvest has.")), row, "left")
        return None
    for key in DATES:
        before = getattr(lot, key, None)
        if key in row and before != row.get(key):
            _change(entry, key, before, row.get(key))
    if lot and lot.grade != harvest.grade:
        _change(entry, "grade", lot.grade, harvest.grade)
    return harvest


def _same_harvest(lot: Lot, harvest: lots.Harvest, *, has_grade: bool) -> bool:
    if has_grade and lot.grade != harvest.grade:
        return False
    if harvest.picked_on:
        return lot.picked_on == harvest.picked_on
    days = (lot.expected_from, lot.expected_until)
    return lot.picked_on is None and days == (harvest.expected_from, harvest.expected_until)


def _plan_lot(planner: Planner, row: Values, own: Own, entry: Entry) -> None:
    """A harvest that is on sale: how many are left, and the day it was picked. The rest of it stays."""
    lot = planner.known.lots[own.listing.pk].get(row.get("lot"))
    if lot is None:
        planner.say(InvalidInput(_("This listing has no harvest with that code.")), row, "lot")
        return
    if planner.lot_is_repeated(lot.trace_code, row):
        return
    picked_on = _picked_now(planner, row, own, lot)
    if row.get("grade", lot.grade) != lot.grade:
        planner.say(WrongState(_("The grade of a harvest on sale stays as it is.")), row, "grade")
    act = ChangeLot(row.row, own.listing.pk, lot.pk, picked_on=picked_on)
    if picked_on:
        _change(entry, "picked_on", None, picked_on)
    left, then = row.get("left"), row.get("left_then")
    if left is not None and left != (lot.left if then is None else then):
        act = _plan_left(entry, lot, act, left, then)
    if act.picked_on or act.left is not None or act.more is not None:
        if lot.closed_at:
            planner.say(WrongState(_("This harvest is closed.")), row, "lot")
        planner.plan.acts.append(act)


def _plan_left(entry: Entry, lot: Lot, act: ChangeLot, left: int, then: int | None) -> ChangeLot:
    """A number on a list that is hours old: what was sold since the export is not put back."""
    if then is None or left == 0 or then == lot.left:
        after = left
    else:
        after = max(lot.left + left - then, 0)
        entry.note(_("Since the export the number has changed from %(then)s to %(now)s."), then=then, now=lot.left)
    _change(entry, "left", lot.left, after)
    if then is None or left == 0:
        return replace(act, left=left)
    return replace(act, more=left - then)


def _picked_now(planner: Planner, row: Values, own: Own, lot: Lot) -> Any:
    """The day a presale was picked on, if the row says it; other changes of days are refused."""
    picked_on = row.get("picked_on")
    if lot.picked_on is not None:
        if picked_on not in (None, lot.picked_on):
            planner.say(WrongState(_("The days of a harvest on sale stay as they are.")), row, "picked_on")
        return None
    for key in ("expected_from", "expected_until"):
        if row.get(key, getattr(lot, key)) != getattr(lot, key):
            planner.say(WrongState(_("The days of a harvest on sale stay as they are.")), row, key)
    keeps_days = own.listing.keeps_days or 1
    if picked_on and planner.try_to(
        lambda: lots.check_picked_on(picked_on, keeps_days=keeps_days, now=planner.now), row, "picked_on"
    ):
        return picked_on
    return None


def _plan_new_lot(planner: Planner, row: Values, own: Own, entry: Entry) -> None:
    digest, harvest = row.digest(), row.harvest
    imported = planner.known.imported.get(digest)
    if planner.is_repeated(digest, row):
        return
    if imported and imported.lot:
        entry.note(_("This harvest was imported before, as %(code)s."), code=imported.lot.trace_code)
        return
    if harvest is None:
        words = _("Please say when it was picked, or when you expect to pick it.")
        planner.say(InvalidInput(words), row, "picked_on")
        return
    fine = planner.try_to(lambda: lots.check_packs(row.get("left")), row, "left")
    keeps_days = own.listing.keeps_days or 1
    fine &= planner.try_to(lambda: harvest.check(keeps_days=keeps_days, now=planner.now), row, "picked_on")
    if not fine:
        return
    _change(entry, "left", None, row.get("left"))
    entry.note(_("A new harvest, on sale at once."))
    planner.plan.acts.append(NewLot(row.row, digest, own.listing.pk, row.get("left"), harvest))
