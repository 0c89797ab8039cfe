"""When a posting ends or begins: who leaves, who comes and the households are told, and nothing of the old one is left open.

What was planned and what needs somebody is the household's, so it need not be moved: whoever is posted next sees it. What is
the leaver's own ends here: consents, codes that wait, invitations. Each day of a posting is handed over once
(`posting_turn_once`), however often the sweep comes by.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, ConsentRequest, Farmer, Invitation, Posting, User
from common.transactions import needs_transaction, use_case
from notifications.services import notify
from orders.queries import specialists_of
from specialists.calls import calls_for
from specialists.models import PostingTurn, PriceRequest, Visit

What = PostingTurn.What
LOOKED_BACK = timedelta(days=30)  # what is older was handed over, or was there before anybody was told


def due_turns(now: datetime) -> list[tuple[int, str]]:
    """Postings that ended or began and of which nobody was told yet: (id, ENDED or BEGAN), the ended first."""
    today = timezone.localdate(now)
    told = PostingTurn.objects.filter(posting=OuterRef("pk"))
    ended = Posting.objects.filter(ends_on__lt=today, ends_on__gte=today - LOOKED_BACK)
    ended = ended.filter(~Exists(told.filter(what=What.ENDED, day=OuterRef("ends_on"))))
    begun = Posting.objects.current(today).filter(starts_on__gte=today - LOOKED_BACK)
    begun = begun.filter(~Exists(told.filter(what=What.BEGAN, day=OuterRef("starts_on"))))
    return [
        *((pk, What.ENDED) for pk in ended.order_by("ends_on", "pk").values_list("pk", flat=True)),
        *((pk, What.BEGAN) for pk in begun.order_by("starts_on", "pk").values_list("pk", flat=True)),
    ]


@use_case
def hand_over(*, posting_id: int, now: datetime) -> bool:
    """End all that a posting that is over still leaves open, and tell everybody concerned; False if that was done already.

    Nothing is told and nothing ends where the same specialist goes on there by another posting.
    """
    today = timezone.localdate(now)
    posting = _hold(posting_id)
    if posting is None or posting.ends_on is None or posting.ends_on >= today:
        return False
    if not _note(posting, What.ENDED, posting.ends_on, now):
        return False
    following = list(specialists_of(posting.county_id, on=today).order_by("pk"))
    if posting.specialist in following:
        return True
    _end_what_is_theirs(posting, now)
    told = _told_of(posting, now)
    leaver, about = posting.specialist, f"posting:{posting.pk}"
    if leaver.is_active:
        notify(recipient=leaver, kind="posting_ended", about=about, now=now, link=reverse("accounts:me"), **told)
    home = reverse("specialists:home")
    for person in following:
        notify(recipient=person, kind="posting_ended", about=about, now=now, link=home, audience="next", **told)
    if not following:
        for person in _admins():
            notify(
                recipient=person,
                kind="posting_ended",
                about=about,
                now=now,
                link=reverse("admin:accounts_posting_add"),
                audience="admin",
                **told,
            )
    if following:
        told["next"] = str(following[0])
    _tell_households(posting, "posting_ended", now, told)
    return True


@use_case
def welcome(*, posting_id: int, now: datetime) -> bool:
    """Tell a specialist whose posting began what is open there, and the households if nobody was posted there before.

    False if that was done already. Nothing is told where they go on from a posting that ended the day before.
    """
    posting = _hold(posting_id)
    if posting is None or not Posting.objects.current(timezone.localdate(now)).filter(pk=posting_id).exists():
        return False
    if not _note(posting, What.BEGAN, posting.starts_on, now):
        return False
    before = Posting.objects.current(posting.starts_on - timedelta(days=1)).filter(county=posting.county_id)
    if before.filter(specialist=posting.specialist_id).exists():
        return True
    told = _told_of(posting, now)
    notify(
        recipient=posting.specialist,
        kind="posting_began",
        about=f"posting:{posting.pk}",
        now=now,
        link=reverse("specialists:home"),
        **told,
    )
    if not before.exists():  # else they were told by whom, when the one before left
        _tell_households(posting, "posting_began", now, told)
    return True


@needs_transaction
def _hold(posting_id: int) -> Posting | None:
    held = Posting.objects.select_for_update(of=("self",), no_key=True).select_related("specialist", "county")
    return held.filter(pk=posting_id).first()


@needs_transaction
def _note(posting: Posting, what: str, day: date, now: datetime) -> bool:
    """False where it is noted already. The posting is held, so that two workers do not both find nothing."""
    _turn, is_new = PostingTurn.objects.get_or_create(posting=posting, what=what, day=day, defaults={"told_at": now})
    return is_new


@needs_transaction
def _end_what_is_theirs(posting: Posting, now: datetime) -> None:
    """Consents to the leaver, codes that wait to be told to them, and invitations in the county. Ended, never revived."""
    leaver, there = posting.specialist, _farmers(posting)
    consents = Consent.objects.filter(specialist=leaver, farmer__in=there).exclude(state=Consent.State.ENDED)
    consents.update(state=Consent.State.ENDED, ended_at=now, ended_by=leaver, reason="posting ended")
    ConsentRequest.objects.filter(specialist=leaver, farmer__in=there).delete()
    PriceRequest.objects.filter(specialist=leaver, farmer__in=there).delete()
    Invitation.objects.open(now).filter(invited_by=leaver, county=posting.county_id).update(withdrawn_at=now)


def _farmers(posting: Posting) -> QuerySet[Farmer]:
    return Farmer.objects.filter(county=posting.county_id)


def _told_of(posting: Posting, now: datetime) -> dict[str, Any]:
    there = _farmers(posting)
    return {
        "specialist": str(posting.specialist),
        "county_zh": posting.county.name_zh,
        "county_en": posting.county.name_en,
        "visits": Visit.objects.open().filter(farmer__in=there).count(),
        "calls": len(calls_for(there, now)),
    }


def _admins() -> Iterable[User]:
    """Those who can post somebody."""
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    return [person for person in staff if person.has_perm("accounts.add_posting")]


@needs_transaction
def _tell_households(posting: Posting, kind: str, now: datetime, told: dict[str, Any]) -> None:
    """Everybody there who sells or wants to; the specialist's own farm not."""
    theirs = _farmers(posting).filter(status__in=[Farmer.Status.WAITING, Farmer.Status.VERIFIED])
    for farmer in theirs.filter(user__is_active=True).exclude(user=posting.specialist).select_related("user"):
        notify(
            recipient=farmer.user,
            kind=kind,
            about=f"posting:{posting.pk}",
            now=now,
            link=reverse("specialists:helped"),
            audience="household",
            **told,
        )
