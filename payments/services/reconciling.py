"""Comparing a provider's statement of a day with our ledger, both ways and to the fen, and keeping what differs.

The provider is asked outside the transaction; comparing writes what it finds in one. Doing it again finds nothing twice.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Min, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import InvalidInput, WrongState
from common.transactions import use_case
from payments.gateways import configured_names, get_gateway, missing_settings
from payments.gateways.statements import GivesStatements, Row
from payments.models import About, Account, Difference, Leg, Payment, Refund, Statement

logger = logging.getLogger(__name__)

Kind = Difference.Kind
READY_AT = time(10, 30)  # in Shanghai, on the next day: statements are made in the morning
TRIED_FOR = timedelta(hours=2)  # the beat tries each hour: what is not compared by then failed
SHOWN_BACK = 60  # days in which one that was never compared is pointed out
LOOK_BACK = 7  # days in which a day that could not be compared is tried again; in which a refund's row may stand


@dataclass(frozen=True)
class Found:
    """A difference as comparing sees it. None: that side has nothing."""

    kind: Difference.Kind
    about: About
    reference: str
    trade_number: str
    theirs_fen: int | None
    ours_fen: int | None


def days_to_compare(now: datetime) -> list[tuple[str, date]]:
    """Which days of which gateways are due: ended, with a statement by now, not compared yet; oldest first."""
    names = [name for name in configured_names() if gives_statements(name)]
    return _not_compared(names, now, LOOK_BACK)


def unread_days(now: datetime) -> list[tuple[str, date]]:
    """Days of gateways whose statement was tried for and could not be had or believed, oldest first, two months back.

    From the gateway's first payment on; also those that `days_to_compare` has given up. At most two queries.
    """
    names = [name for name in configured_names() if gives_statements(name)]
    if not names:
        return []
    paid = Payment.objects.filter(gateway__in=names, paid_at__isnull=False)
    first = dict(paid.values_list("gateway").annotate(first=Min("paid_at")).order_by())
    return [
        (name, day)
        for name, day in _not_compared(names, now - TRIED_FOR, SHOWN_BACK)
        if name in first and day >= timezone.localdate(first[name])
    ]


def _not_compared(names: list[str], now: datetime, back: int) -> list[tuple[str, date]]:
    here = timezone.localtime(now)
    newest = here.date() - timedelta(days=1 if here.time() >= READY_AT else 2)
    days = [newest - timedelta(days=each) for each in range(back)]
    done = set(Statement.objects.filter(day__in=days).values_list("gateway", "day"))
    return [(name, day) for day in reversed(days) for name in names if (name, day) not in done]


def gives_statements(name: str) -> bool:
    """Whether this gateway is set up and its provider has statements."""
    return not missing_settings(name) and isinstance(get_gateway(name), GivesStatements)


def reconcile(*, gateway: str, day: date, now: datetime) -> int:
    """Get the statement of a day and compare it: how many differences are new.

    Raises GatewayUnavailable when there is none to be had, BadStatement for one that cannot be believed.
    """
    adapter = get_gateway(gateway)
    if not isinstance(adapter, GivesStatements):
        raise InvalidInput(_("This way to pay has no statements."), field="gateway")
    return compare(gateway=gateway, day=day, rows=adapter.statement(day), now=now)


@use_case
def compare(*, gateway: str, day: date, rows: Sequence[Row], now: datetime) -> int:
    """Write down what differs, and that the day was compared: how many differences are new."""
    refunds = [row for row in rows if row.about == About.REFUND]
    payments = [row for row in rows if row.about == About.PAYMENT]
    Statement.objects.update_or_create(
        gateway=gateway,
        day=day,
        defaults={
            "rows": len(rows),
            "paid_fen": sum(row.fen for row in payments),
            "refunded_fen": sum(row.fen for row in refunds if row.is_done),
            "refunds": sorted(row.reference for row in refunds),
            "compared_at": now,
        },
    )
    new = 0
    for found in [*_payments(gateway, day, payments), *_refunds(gateway, day, refunds)]:
        _difference, is_new = Difference.objects.get_or_create(
            gateway=gateway,
            day=day,
            kind=found.kind,
            about=found.about,
            reference=found.reference,
            trade_number=found.trade_number,
            defaults={"theirs_fen": found.theirs_fen, "ours_fen": found.ours_fen, "found_at": now},
        )
        new += is_new
    if new:
        logger.error("statement of %s for %s: %s new differences", gateway, day, new)
    return new


def _booked(**which: object) -> dict[int, int]:
    """What the ledger says went in or out at the provider, by the id of the payment or refund."""
    (field, _ids), *_rest = which.items()
    name = field.split("__in")[0]
    sums = Leg.objects.filter(account__kind=Account.Kind.PROVIDER, **which).values_list(name).annotate(fen=Sum("fen"))
    return dict(sums.order_by())


def _payments(gateway: str, day: date, rows: Sequence[Row]) -> Iterator[Found]:
    """By the provider's own number: one reference may have been paid twice."""
    numbers, references = [row.trade_number for row in rows], [row.reference for row in rows]
    known = Payment.objects.filter(gateway=gateway)
    by_number = {payment.trade_number: payment for payment in known.filter(trade_number__in=numbers)}
    by_reference = {payment.reference: payment for payment in known.filter(reference__in=references)}
    start = _midnight(day)
    ours = {each.pk: each for each in known.filter(paid_at__gte=start, paid_at__lt=start + timedelta(days=1))}
    ids = {payment.pk for payment in by_number.values()} | ours.keys()
    booked = _booked(entry__payment__in=ids, entry__kind__in=["PAID", "UNWANTED"])
    for row in rows:
        payment = by_number.get(row.trade_number)
        if payment is not None:
            ours.pop(payment.pk, None)
            yield from _amount(row, booked.get(payment.pk, 0))
        elif row.reference in by_reference:
            yield _found(Kind.STATE, row, None)
        else:
            yield _found(Kind.ONLY_THEIRS, row, None)
    for payment in ours.values():
        fen = booked.get(payment.pk, 0)
        yield Found(Kind.ONLY_OURS, About.PAYMENT, payment.reference, payment.trade_number, None, fen)


def _refunds(gateway: str, day: date, rows: Sequence[Row]) -> Iterator[Found]:
    """By our own reference. We hear of a refund after it was made, so its row may stand in an earlier day's statement."""
    known = Refund.objects.filter(payment__gateway=gateway).select_related("payment")
    by_reference = {each.reference: each for each in known.filter(reference__in=[row.reference for row in rows])}
    start = _midnight(day)
    done = known.filter(status=Refund.Status.DONE, done_at__gte=start, done_at__lt=start + timedelta(days=1))
    ours = list(done)
    booked = _booked(
        entry__refund__in=[each.pk for each in [*by_reference.values(), *ours]], entry__kind__in=["REFUNDED"]
    )
    for row in rows:
        refund = by_reference.get(row.reference)
        if refund is None:
            yield _found(Kind.ONLY_THEIRS, row, None)
        elif row.is_done != (refund.status == Refund.Status.DONE):
            yield _found(Kind.STATE, row, refund.amount_fen)
        elif row.is_done:
            yield from _amount(row, -booked.get(refund.pk, 0))
    seen, first = _refunds_seen(gateway, day)
    for refund in ours:
        if refund.reference not in seen and refund.created_at >= first:
            yield Found(
                Kind.ONLY_OURS,
                About.REFUND,
                refund.reference,
                refund.payment.trade_number,
                None,
                -booked.get(refund.pk, 0),
            )


def _refunds_seen(gateway: str, day: date) -> tuple[set[str], datetime]:
    """References in the statements of this day and those before it, and since when there are statements without a gap."""
    lists = dict(
        Statement.objects.filter(gateway=gateway, day__lte=day, day__gt=day - timedelta(days=LOOK_BACK)).values_list(
            "day", "refunds"
        )
    )
    first = day
    while first - timedelta(days=1) in lists:
        first -= timedelta(days=1)
    return {reference for references in lists.values() for reference in references}, _midnight(first)


def _amount(row: Row, ours_fen: int) -> Iterable[Found]:
    return [] if row.fen == ours_fen else [_found(Kind.AMOUNT, row, max(ours_fen, 0))]


def _found(kind: Difference.Kind, row: Row, ours_fen: int | None) -> Found:
    return Found(kind, row.about, row.reference, row.trade_number, row.fen, ours_fen)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


@use_case
def close_difference(*, difference_id: int, actor: User, reason: str, now: datetime) -> Difference:
    """A person has looked at it: the reason stays on record. Raises InvalidInput without one, WrongState the second time."""
    difference = Difference.objects.select_for_update(no_key=True).get(pk=difference_id)
    if not reason.strip():
        raise InvalidInput(_("Please say what it was: it stays on record."), field="reason")
    if difference.closed_at:
        raise WrongState
    difference.closed_at, difference.closed_by, difference.reason = now, actor, reason.strip()[:300]
    difference.save(update_fields=["closed_at", "closed_by", "reason"])
    return difference
