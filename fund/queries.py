"""What the fund has, was given and gave: every figure a sum of the ledger's legs, and the entries behind it. In fen."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import County, User
from fund.models import Allotment, Area, Evidence, GiftReturn, Grant, Payee, Programme, Trace
from payments.models import Account, Entry, Gift, Leg
from payments.services.booking import Kind, Place
from payments.services.giving import ways_to_give

Came = Entry.Kind
BOUND = (Kind.FUND_AREA, Kind.FUND_PROGRAMME)
#: What is shown of an account: what came in, what went on, what was granted. Each sum is that of the legs of these kinds.
CAME_IN = (Came.GIFT, Came.ROUND_UP, Came.ALLOTTED)


@dataclass
class Figures:
    """Sums over accounts: what was `given` (gifts, rounding up), what the sales' share `allotted` to them, what was
    `granted` (paid, without what came back), what is `set_aside` for approved grants, what went `back` to givers, and
    what is `there` now. given + allotted - back = granted + set aside + there, to the fen.
    """

    given: int = 0
    allotted: int = 0
    granted: int = 0
    set_aside: int = 0
    back: int = 0
    there: int = 0
    grants: int = 0
    people: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: value + getattr(other, name) for name, value in vars(self).items()})


def pool_fen() -> int:
    """The sales' share that is released and has no purpose yet; below nothing after late refunds, until new sales fill it."""
    return -(Leg.objects.filter(account__kind=Kind.FUND).aggregate(fen=Sum("fen"))["fen"] or 0)


def pool_held_fen() -> int:
    """The sales' share of parcels that are not settled yet."""
    return -(Leg.objects.filter(account__kind=Kind.FUND_HELD).aggregate(fen=Sum("fen"))["fen"] or 0)


def figures_by_account(*purposes: str) -> dict[str, Figures]:
    """By purpose ("WOMEN", "school-meals"), or of some alone. Two queries."""
    legs = Leg.objects.filter(account__kind__in=[*BOUND, Kind.GRANT_DUE])
    if wanted := [purpose for purpose in purposes if purpose]:
        legs = legs.filter(account__purpose__in=wanted)
    sums = legs.values_list("account__kind", "account__purpose", "entry__kind").annotate(fen=Sum("fen")).order_by()
    found: dict[str, Figures] = {}
    for kind, bound_to, entry_kind, fen in sums:
        each = found.setdefault(bound_to, Figures())
        if kind == Kind.GRANT_DUE:
            each.set_aside -= fen
            continue
        each.there -= fen
        each.given -= fen if entry_kind in (Came.GIFT, Came.ROUND_UP) else 0
        each.allotted -= fen if entry_kind in (Came.ALLOTTED, Came.PASSED_ON) else 0
        each.back += fen if entry_kind == Came.GIFT_BACK else 0
    given = Grant.objects.filter(state__in=Grant.GIVEN).values_list("programme__slug")
    for slug, fen, grants, people in given.annotate(
        fen=Sum("amount_fen"), grants=Count("pk"), people=Sum("beneficiaries")
    ).order_by():
        if slug in found:
            found[slug].granted, found[slug].grants, found[slug].people = fen, grants, people or 0
    return found


@dataclass
class AreaView:
    """An area with its programmes; `figures` are of both, `own` of what is in the area and not yet in a programme."""

    area: Area
    own: Figures
    programmes: list[tuple[Programme, Figures]] = field(default_factory=list)

    @property
    def slug(self) -> str:
        return self.area.lower()

    @property
    def figures(self) -> Figures:
        """What an area passed on to its own programmes is no new money: in the sum it counts plus and minus."""
        return sum((each for _programme, each in self.programmes), Figures()) + self.own


def areas() -> list[AreaView]:
    """All five, with their programmes and figures. Three queries."""
    figures = figures_by_account()
    found = {area: AreaView(area, figures.get(area, Figures())) for area in Area}
    for programme in Programme.objects.select_related("county__province").order_by("area", "-is_open", "pk"):
        found[Area(programme.area)].programmes.append((programme, figures.get(programme.slug, Figures())))
    return list(found.values())


def programmes_of(county: County) -> list[tuple[Programme, Figures]]:
    """The programmes for one county alone, those that are open first. Three queries, one where there are none."""
    found = list(Programme.objects.filter(county=county).order_by("-is_open", "-starts_on", "pk"))
    figures = figures_by_account(*(programme.slug for programme in found)) if found else {}
    return [(programme, figures.get(programme.slug, Figures())) for programme in found]


def entries_of(account_id: int) -> QuerySet[Leg]:
    """The legs behind a programme's or area's figures, newest first, with what is said of each."""
    return (
        Leg.objects.filter(account=account_id)
        .annotate(fund_fen=-F("fen"))
        .select_related(
            "entry__payment__gift__donation",
            "entry__allotment",
            "entry__grant_reserved",
            "entry__grant_back",
        )
        .order_by("-pk")
    )


def there_fen(account_id: int) -> int:
    """What is in an account now (fen)."""
    return -(Leg.objects.filter(account=account_id).aggregate(fen=Sum("fen"))["fen"] or 0)


def account_of(purpose: str) -> Account | None:
    """The account of a programme or an area by its name in addresses."""
    kind = Kind.FUND_AREA if purpose.upper() in Area.values else Kind.FUND_PROGRAMME
    wanted = purpose.upper() if kind == Kind.FUND_AREA else purpose
    return Account.objects.filter(name=Place(kind, purpose=wanted).name).first()


# --- One's own giving ---


@dataclass
class Given:
    """A gift, or what was rounded up with an order, and the grants that its yuan became part of."""

    leg: Leg
    fen: int
    parts: list[tuple[Grant, int]] = field(default_factory=list)
    waiting: int = 0
    back: int = 0

    @property
    def purpose(self) -> str:
        return self.leg.account.purpose

    @property
    def granted(self) -> int:
        """What of it is in grants (fen)."""
        return sum(fen for _grant, fen in self.parts)


def giving_of(user: User, limit: int = 100) -> list[Given]:
    """What a person gave and what became of it, newest first. Three queries."""
    mine = Q(entry__payment__gift__giver=user) | Q(entry__payment__order__buyer=user, entry__kind=Came.ROUND_UP)
    return follow(origins().filter(mine).order_by("-pk")[:limit])


def given_as(gift: Gift) -> Given | None:
    """What became of one gift; None until it arrived."""
    return next(iter(follow(origins().filter(entry__payment__gift=gift))), None)


def origins() -> QuerySet[Leg]:
    """The legs by which gifts and rounding up became the fund's."""
    came = Leg.objects.filter(account__kind__in=BOUND, fen__lt=0, entry__kind__in=[Came.GIFT, Came.ROUND_UP])
    return came.select_related("account__programme", "entry__payment__gift", "entry__payment__order")


def follow(legs: QuerySet[Leg]) -> list[Given]:
    """Each with the paid grants that it became part of. Two queries."""
    found = {leg.pk: Given(leg, -leg.fen, waiting=-leg.fen) for leg in legs}
    taken = Trace.objects.filter(origin__in=list(found), fen__lt=0, entry__kind__in=[Came.GRANTED, Came.GIFT_BACK])
    for step in taken.select_related("entry__grant_reserved__programme", "entry__grant_reserved__payee").order_by("pk"):
        given = found[step.origin_id]
        grant = getattr(step.entry, "grant_reserved", None)
        if grant is None:
            given.back -= step.fen
            given.waiting += step.fen
        elif grant.is_given:
            given.parts.append((grant, -step.fen))
            given.waiting += step.fen
    return list(found.values())


def round_up_choices(now: datetime) -> list[tuple[str, str]]:
    """(account, name) of the programmes for which a buyer may round up today; none where buyers pay farmers directly alone."""
    if not ways_to_give():
        return []
    open_ones = Programme.objects.open(timezone.localdate(now)).select_related("account").order_by("pk")
    return [(programme.account.name, programme.local_name) for programme in open_ones[:5]]


def open_purposes(today: date) -> list[Programme]:
    """The programmes that take gifts today."""
    return list(Programme.objects.open(today).order_by("area", "pk"))


def public_grants(programme: Programme) -> list[Grant]:
    """A programme's paid grants, newest first, each with the photos (`shown`) that everybody may see. Two queries."""
    shown = Evidence.objects.filter(decision__is_shown=True, photo__public_at__isnull=False).select_related("photo")
    given = programme.grants.filter(state__in=Grant.GIVEN).select_related("payee")
    return list(given.prefetch_related(Prefetch("evidence", shown, to_attr="shown")).order_by("-paid_on", "-pk")[:50])


def desk(user: User) -> dict[str, Any]:
    """What the fund's desk shows. Six queries beside those of the areas."""
    grants = Grant.objects.select_related("programme", "payee", "prepared_by")
    return {
        "to_approve": grants.filter(state=Grant.State.PREPARED).order_by("pk")[:50],
        "to_pay": grants.filter(state=Grant.State.APPROVED).order_by("pk")[:50],
        "to_report": grants.filter(state=Grant.State.PAID).order_by("pk")[:50],
        "allotments": Allotment.objects.filter(state="PREPARED").select_related("to_programme", "prepared_by")[:50],
        "returns": GiftReturn.objects.filter(state="PREPARED").select_related("gift", "prepared_by")[:50],
        "payees": Payee.objects.filter(is_open=True, farmer=None)[:100],
        "areas": areas(),
        "pool_fen": pool_fen(),
        "me": user.pk,
    }
