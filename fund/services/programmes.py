"""Programmes: opened, changed where they may be, closed; and money that is given a purpose by two people."""

import re
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.acts import record_act
from common.errors import InvalidInput
from common.money import show_yuan
from common.transactions import use_case
from fund.access import check_may, may_handle_fund
from fund.errors import NotEnoughThere
from fund.models import Allotment, Area, Programme
from fund.queries import pool_fen
from fund.services.signing import give_up, lock, lock_to_approve, record, said, sign
from fund.services.tracing import Parts, take_from, trace
from payments.models import Account, Entry
from payments.services.booking import Kind, Move, Place, book, place_of

RESERVED = {area.lower() for area in Area.values}


@use_case
def open_programme(
    *,
    actor: User,
    slug: str,
    area: str,
    name_zh: str,
    name_en: str,
    purpose_zh: str,
    purpose_en: str,
    starts_on: date,
    now: datetime,
    county_id: int | None = None,
    target_fen: int | None = None,
    ends_on: date | None = None,
    for_women_led: bool = False,
    is_demo: bool = False,
) -> Programme:
    """A new programme with an account of its own in the ledger; `actor` answers for it. Raises NotAllowed, InvalidInput."""
    check_may(actor)
    if not re.fullmatch(r"[a-z0-9-]{3,24}", slug) or slug in RESERVED or Programme.objects.filter(slug=slug).exists():
        raise InvalidInput(_("Please choose another short name: small letters, digits and dashes."), field="slug")
    _check_terms(starts_on, ends_on, target_fen)
    if for_women_led and area != Area.WOMEN:
        raise InvalidInput(
            _("Only programmes for women have starter grants for women-led farms."), field="for_women_led"
        )
    place = Place(Kind.FUND_PROGRAMME, purpose=slug)
    account, _is_new = Account.objects.get_or_create(name=place.name, defaults={"kind": place.kind, "purpose": slug})
    programme = Programme.objects.create(
        slug=slug,
        area=area,
        name_zh=name_zh,
        name_en=name_en,
        purpose_zh=purpose_zh,
        purpose_en=purpose_en,
        county_id=county_id,
        target_fen=target_fen,
        starts_on=starts_on,
        ends_on=ends_on,
        owner=actor,
        for_women_led=for_women_led,
        is_demo=is_demo,
        account=account,
    )
    record_act(
        actor=actor, kind="programme_open", about=f"programme:{programme.pk}", now=now, new={"slug": slug, "area": area}
    )
    return programme


def _check_terms(starts_on: date, ends_on: date | None, target_fen: int | None) -> None:
    if ends_on and ends_on < starts_on:
        raise InvalidInput(_("It cannot end before it starts."), field="ends_on")
    if target_fen is not None and target_fen <= 0:
        raise InvalidInput(_("Please type an amount above 0."), field="target")


@use_case
def change_programme(
    *,
    programme_id: int,
    actor: User,
    owner_id: int,
    is_open: bool,
    target_fen: int | None,
    ends_on: date | None,
    now: datetime,
) -> Programme:
    """Close or open it, move its end or target, hand it over to another. What it is for stays.

    Raises NotAllowed; InvalidInput, also for an owner who may not handle the fund.
    """
    check_may(actor)
    if not may_handle_fund(User.objects.filter(pk=owner_id).first() or AnonymousUser()):
        raise InvalidInput(_("Please choose somebody who may handle the fund."), field="owner")
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme_id)
    _check_terms(programme.starts_on, ends_on, target_fen)
    wanted = {"owner_id": owner_id, "is_open": is_open, "target_fen": target_fen, "ends_on": ends_on}
    old = {name: getattr(programme, name) for name in wanted}
    for name, value in wanted.items():
        setattr(programme, name, value)
    programme.save(update_fields=list(wanted))
    record_act(actor=actor, kind="programme_change", about=f"programme:{programme.pk}", now=now, old=old, new=wanted)
    return programme


@use_case
def prepare_allotment(
    *,
    actor: User,
    from_area: bool,
    area: str,
    amount_fen: int,
    reason: str,
    now: datetime,
    programme_id: int | None = None,
) -> Allotment:
    """Propose that the sales' share, or an area's own money, be for this. Raises NotAllowed, InvalidInput."""
    check_may(actor)
    programme = Programme.objects.get(pk=programme_id) if programme_id else None
    if programme and programme.area != area:
        raise InvalidInput(_("That programme belongs to another area."), field="programme")
    if from_area and programme is None:
        raise InvalidInput(_("An area's money goes to one of its programmes. Please choose it."), field="programme")
    if amount_fen <= 0:
        raise InvalidInput(_("Please type an amount above 0."), field="amount")
    allotment = Allotment.objects.create(
        from_area=from_area,
        area=area,
        to_programme=programme,
        amount_fen=amount_fen,
        reason=said(reason),
        prepared_by=actor,
        prepared_at=now,
    )
    record(allotment, "allotment_prepare", actor, now, reason=allotment.reason, fen=amount_fen)
    return allotment


@use_case
def approve_allotment(*, allotment_id: int, actor: User, now: datetime) -> Allotment:
    """A second person agrees, and the money moves. Raises NotAllowed, SecondPersonNeeded, WrongState, NotEnoughThere.

    Locks: Allotment → the account that it comes from.
    """
    allotment = lock_to_approve(Allotment, allotment_id, actor)
    area = Place(Kind.FUND_AREA, purpose=allotment.area)
    to = place_of(allotment.to_programme.account) if allotment.to_programme else area
    ref = f"allotment:{allotment.pk}"
    if allotment.from_area:
        entry = _pass_on(allotment, area, to, ref, now)
    else:
        _hold_pool(allotment.amount_fen)
        moves = [Move(Place(Kind.FUND), allotment.amount_fen), Move(to, -allotment.amount_fen)]
        booked = book(ref=ref, kind=Entry.Kind.ALLOTTED, moves=moves, now=now, actor=actor, reason=allotment.reason)
        assert booked is not None  # noqa: S101 - the allotment is held and was not approved before
        entry = booked
    sign(allotment, actor, now, entry=entry)
    record(allotment, "allotment_approve", actor, now, fen=allotment.amount_fen)
    return allotment


def _hold_pool(wanted_fen: int) -> None:
    """The sales' share that is released and has no purpose yet, held. Raises NotEnoughThere."""
    Account.objects.select_for_update(no_key=True).filter(kind=Kind.FUND).first()
    there = pool_fen()
    if there < wanted_fen:
        raise NotEnoughThere(left=show_yuan(max(there, 0)), field="amount")


def _pass_on(allotment: Allotment, area: Place, to: Place, ref: str, now: datetime) -> Entry:
    """From the area to its programme: whose money it is stays on record."""
    account = Account.objects.filter(name=area.name).first()
    if account is None or allotment.to_programme is None:
        raise NotEnoughThere(left=show_yuan(0), field="amount")
    parts: Parts = take_from(account.pk, allotment.amount_fen)
    moves = [Move(area, allotment.amount_fen), Move(to, -allotment.amount_fen)]
    entry = book(ref=ref, kind=Entry.Kind.PASSED_ON, moves=moves, now=now, reason=allotment.reason)
    return trace(entry, [(account.pk, parts, -1), (allotment.to_programme.account_id, parts, 1)])


@use_case
def drop_allotment(*, allotment_id: int, actor: User, reason: str, now: datetime) -> Allotment:
    """Give it up before it was approved. Raises NotAllowed, WrongState, InvalidInput."""
    allotment = lock(Allotment, allotment_id, actor, "PREPARED")
    give_up(allotment, actor, reason, now)
    record(allotment, "allotment_drop", actor, now, reason=allotment.why_dropped)
    return allotment
