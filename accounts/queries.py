"""Reads of accounts that are more than a get."""

from datetime import date, datetime
from typing import TypedDict

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from accounts.models import (
    Address,
    County,
    Farmer,
    FarmerDocument,
    NumberRecovery,
    Posting,
    Region,
    StaffAct,
    Tie,
    User,
)


def current_regions(parent: str | None) -> list[Region]:
    """What lies inside a region, or the provinces for None; without what was abolished. One query, none for ""."""
    if parent == "":
        return []
    return list(Region.objects.filter(parent=parent, is_current=True))


def provinces_that_sell() -> list[Region]:
    """The provinces that have any of the 832 counties."""
    return list(Region.objects.filter(Exists(County.objects.filter(province=OuterRef("pk")))))


def counties_in(province: str) -> list[County]:
    """The counties of a province that may sell, those of one prefecture together. One query, none for ""."""
    if not province:
        return []
    return list(County.objects.filter(province=province).order_by("prefecture_zh", "list_no"))


def addresses_of(user: User) -> QuerySet[Address]:
    """A buyer's addresses with their regions, the default first."""
    return Address.objects.filter(user=user).select_related("province", "prefecture", "county")


class Roles(TypedDict):
    """What else somebody is, beside a buyer."""

    farmer: Farmer | None
    is_posted: bool
    may_verify: bool


def roles_of(user: User, today: date) -> Roles:
    """Whether somebody sells, works in a county today, and may verify farmers. Two queries."""
    posted = is_posted(user, today)
    return {
        "farmer": Farmer.objects.filter(user=user).select_related("county").first(),
        "is_posted": posted,
        "may_verify": user.is_moderator or posted,
    }


def is_posted(user: User, today: date) -> bool:
    """Whether somebody is a specialist who works in any county on this day."""
    return Posting.objects.current(today).filter(specialist=user).exists()


def may_verify(user: User, today: date) -> bool:
    """Whether somebody decides about any farmers: moderators, and specialists who are posted today."""
    return user.is_moderator or is_posted(user, today)


def farmers_to_look_at(user: User, today: date, status: str, after: tuple[datetime, int] | None) -> QuerySet[Farmer]:
    """Farmers in `status` that `user` decides about, oldest application first, behind the one with these keys."""
    farmers = Farmer.objects.decidable_by(user, today).filter(status=status).select_related("county__province")
    if after:
        applied_at, pk = after
        farmers = farmers.filter(applied_at__gte=applied_at).exclude(applied_at=applied_at, pk__lte=pk)
    return farmers.order_by("applied_at", "pk")


def is_close_to(user: User, farmer: Farmer) -> bool:
    """Whether a farmer is this person, of their household (the same payee) or declared to be close. At most 2 queries."""
    if farmer.user_id == user.pk or Tie.objects.filter(user=user, farmer=farmer).exists():
        return True
    same = Farmer.objects.filter(user=user, payee_account=farmer.payee_account, payee_kind=farmer.payee_kind)
    return same.exists()


def payee_not_before(user: User, now: datetime) -> datetime:
    """From when on a farmer's money may go to another account: PAYEE_CHANGE_WAIT from now, later after a lost number."""
    latest = NumberRecovery.objects.filter(user=user).aggregate(at=Max("payee_not_before"))["at"]
    usual = now + settings.PAYEE_CHANGE_WAIT
    return max(usual, latest) if latest else usual


def acts(
    *, actor: int | None = None, kind: str = "", about: str = "", after: tuple[datetime, int] | None = None
) -> QuerySet[StaffAct]:
    """What staff did, newest first, behind the one with these keys. One query."""
    found = StaffAct.objects.select_related("actor").order_by("-at", "-pk")
    if actor:
        found = found.filter(actor=actor)
    if kind:
        found = found.filter(kind=kind)
    if about:
        found = found.filter(about=about)
    if after:
        at, pk = after
        found = found.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    return found


def readable_papers(user: User, today: date) -> QuerySet[FarmerDocument]:
    """Papers of one's own farm, and of the farmers one decides about."""
    decidable = Farmer.objects.decidable_by(user, today)
    return FarmerDocument.objects.filter(Q(farmer__user=user.pk) | Q(farmer__in=decidable)).select_related("farmer")
