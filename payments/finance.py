"""The finance page's figures, read from the ledger and what stands beside it; each with where it opens to. All in fen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Abs, Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from payments.models import Account, Claim, ClaimAppeal, Difference, Entry, GatewayMessage, Leg, Payout, Refund
from payments.offline_queries import unanswered
from payments.on_delivery_queries import unpaid_too_long
from payments.services.reconciling import unread_days

Kind = Account.Kind
MODERATORS = "moderators"
HELD = (Kind.FARMER_HELD, Kind.PLATFORM_HELD, Kind.FUND_HELD)
#: Held money by the age of its order's payment: name, label, from and until so many days ago.
AGES: tuple[tuple[str, str | Promise, int, int], ...] = (
    ("3", _("up to 3 days"), 0, 3),
    ("7", _("3 to 7 days"), 3, 7),
    ("14", _("7 to 14 days"), 7, 14),
    ("30", _("14 to 30 days"), 14, 30),
    ("more", _("more than 30 days"), 30, 36_500),
)


@dataclass(frozen=True)
class Figure:
    """One number of the page and the address behind it, if any. `fen` None: only the count says something."""

    label: str | Promise
    fen: int | None
    url: str
    count: int | None = None
    is_bad: bool = False
    who: str = ""  # the permission or flag that the address asks for, where that is more than seeing the finance pages

    def for_reader(self, user: User) -> "Figure":
        """The same number, without its address where that would not let them in."""
        allowed = not self.who or (user.is_moderator if self.who == MODERATORS else user.has_perm(self.who))
        return self if allowed else replace(self, url="")


def _entries(**wanted: str) -> str:
    return f"{reverse('payments:entry_list')}?{'&'.join(f'{name}={value}' for name, value in wanted.items())}"


def balances() -> list[Figure]:
    """Each kind of account, from the side of whose it is: at the provider plus, owed to others plus. One query."""
    sums = dict(Leg.objects.values_list("account__kind").annotate(fen=Sum("fen")).order_by())
    ours = (Kind.PROVIDER, Kind.LOSSES, Kind.COURIER, Kind.SHARING)
    return [
        Figure(kind.label, sums[kind] if kind in ours else -sums[kind], _entries(kind=kind))
        for kind in Kind
        if kind in sums
    ]


def total() -> int:
    """What all accounts add up to: 0, or the books are wrong. One query."""
    return Leg.objects.aggregate(fen=Sum("fen"))["fen"] or 0


def held_by_age(now: datetime) -> list[Figure]:
    """Money of buyers that is still held, by how long ago they paid. One query."""
    aged = {f"age_{name}": Sum("fen", filter=paid_between("line__parcel__order__", name, now)) for name, *_rest in AGES}
    sums = Leg.objects.filter(account__kind__in=HELD).aggregate(**aged)
    return [
        Figure(label, -(sums[f"age_{name}"] or 0), _entries(kind="HELD", age=name), is_bad=name == "more")
        for name, label, _from, _until in AGES
    ]


def paid_between(path: str, age: str, now: datetime) -> Q:
    """The condition on `<path>paid_at` that stands for an age of AGES; none for no such age."""
    for name, _label, least, most in AGES:
        if name == age:
            return Q(
                **{
                    f"{path}paid_at__lte": now - timedelta(days=least),
                    f"{path}paid_at__gt": now - timedelta(days=most),
                }
            )
    return Q()


def to_look_at(now: datetime) -> Iterator[Figure]:
    """What did not go as it should and needs a person; nothing, on a good day. At most ten queries."""
    failed = Refund.objects.filter(status=Refund.Status.FAILED).aggregate(count=Count("pk"), fen=Sum("amount_fen"))
    yield _bad(
        _("refunds that the provider refused"),
        failed,
        reverse("admin:payments_refund_changelist") + "?status=FAILED",
        "payments.view_refund",
    )
    later = Payout.objects.filter(
        farmer=OuterRef("farmer"), pk__gt=OuterRef("pk"), state__in=["WAITING", "SENT", "PAID"]
    )
    back = Payout.objects.filter(~Exists(later), state=Payout.State.RETURNED)
    yield _bad(
        _("payouts that came back and did not go out again"),
        back.aggregate(count=Count("pk"), fen=Sum("amount_fen")),
        reverse("payments:payout_list"),
    )
    odd = GatewayMessage.objects.filter(outcome=GatewayMessage.Outcome.QUARANTINED).aggregate(count=Count("pk"))
    yield _bad(
        _("messages from providers that do not match"),
        odd,
        reverse("admin:payments_gatewaymessage_changelist") + "?outcome=QUARANTINED",
        "payments.view_gatewaymessage",
    )
    late = overdue_claims(now).aggregate(count=Count("pk"), fen=Sum("asked_fen"))
    yield _bad(_("claims past their deadline"), late, reverse("payments:claim_queue"), MODERATORS)
    silent = unanswered(now).aggregate(count=Count("pk"), fen=Sum("payment__amount_fen"))
    yield _bad(
        _("direct payments that no farmer confirmed or denied in time"),
        silent,
        reverse("admin:payments_offlinepayment_changelist") + "?said_at__isempty=0",
        "payments.view_offlinepayment",
    )
    unpaid = unpaid_too_long(now).aggregate(count=Count("pk"), fen=Sum("order__total_fen"))
    yield _bad(
        _("parcels to be paid on delivery, posted long ago, and no word of the money"),
        unpaid,
        reverse("admin:orders_order_changelist") + "?status__exact=PROMISED",
        "orders.view_order",
    )
    apart = Abs(Coalesce(F("theirs_fen"), 0) - Coalesce(F("ours_fen"), 0))
    differing = Difference.objects.filter(closed_at=None).aggregate(count=Count("pk"), fen=Sum(apart))
    yield _bad(_("open differences from providers' statements"), differing, reverse("payments:difference_list"))
    yield _bad(
        _("days whose statement could not be read"),
        {"count": len(unread_days(now))},
        reverse("payments:difference_list") + "#unread",
    )
    appeals = overdue_appeals(now).aggregate(count=Count("pk"))
    yield _bad(_("appeals on claims past their deadline"), appeals, reverse("payments:claim_queue"), MODERATORS)


def _bad(label: str | Promise, found: dict[str, int | None], url: str, who: str = "") -> Figure:
    count = found["count"] or 0
    return Figure(label, found.get("fen"), url, count=count, is_bad=count > 0, who=who)


def overdue_claims(now: datetime) -> QuerySet[Claim]:
    """Open claims that a moderator should have decided by now."""
    return Claim.objects.for_moderators(now).filter(answer_due__lte=now - settings.CLAIM_DECISION_TIME)


def overdue_appeals(now: datetime) -> QuerySet[ClaimAppeal]:
    """Appeals that another moderator should have decided by now."""
    return ClaimAppeal.objects.filter(status=ClaimAppeal.Status.WAITING, decide_by__lte=now)


def entries(wanted: dict[str, str], now: datetime) -> QuerySet[Entry]:
    """Journal entries, newest first: of a `kind` of account ("HELD": all held), an `age`, a `ref`'s beginning, a payout."""
    found = Entry.objects.select_related("actor", "reverses", "reversed_by", "parcel", "payout").order_by("-pk")
    legs = Leg.objects.filter(entry=OuterRef("pk"))
    kind = wanted.get("kind", "")
    if kind == "HELD":
        legs = legs.filter(account__kind__in=HELD)
    elif kind:
        legs = legs.filter(account__kind=kind)
    if age := wanted.get("age", ""):
        legs = legs.filter(paid_between("line__parcel__order__", age, now))
    if kind or age:
        found = found.filter(Exists(legs))
    if ref := wanted.get("ref", ""):
        found = found.filter(Q(ref__startswith=ref) | Q(parcel__number=ref) | Q(payout__reference=ref))
    return found.prefetch_related("leg_rows__account", "leg_rows__line")


def may_reverse(user: User, entry: Entry) -> bool:
    """Whether this person would be let to undo it: an administrator, once, and nothing of a payout."""
    is_undone = hasattr(entry, "reversed_by") or entry.kind == Entry.Kind.REVERSAL
    return user.is_superuser and not is_undone and entry.payout_id is None
