"""A shop that lives by chance: what anybody may do with money, tried in any order, its own tally kept beside the ledger.

The tally counts what a bystander would see: money that came in, went back to buyers, and arrived at farmers. It reads
nothing of the ledger, and the ledger nothing of it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accounts.models import Farmer
from common.errors import DomainError
from common.transactions import use_case
from marketplace.models import Lot
from orders.models import Order, OrderLine, Parcel
from orders.services import parcels
from orders.services.paying import release_order
from payments import earnings
from payments.gateways.direct import DIRECT
from payments.models import Account, Claim, GatewayMessage, Leg, Payment, Payout, PayoutBatch, Refund
from payments.payout_queries import lines_of
from payments.services import (
    appealing,
    cancel_and_refund,
    claiming,
    offline,
    on_delivery,
    paying_out,
    refunding,
    settle,
    start_payment,
)
from payments.services.booking import COVER, OWNER
from payments.services.counting import Count
from tests.acceptance.ledger_world import World
from tests.orders.making import post
from tests.payments.claim_scene import picture
from tests.payments.scene import make_order, make_payment, paid_event

T = TypeVar("T")
PICK = st.integers(0, 10_000)
Kind = Account.Kind


@use_case
def _give_back(*, parcel_id: int, fen: int, now: Any) -> Refund:
    """What goodwill does: part of a parcel goes back, however late."""
    payment = Payment.objects.select_for_update().get(order__parcels=parcel_id, status="SUCCEEDED")
    parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
    Parcel.objects.filter(pk=parcel_id).update(refunded_fen=F("refunded_fen") + fen)
    return refunding.owe_refund(payment=payment, amount_fen=fen, reason=Refund.Reason.CLAIM, now=now, parcel=parcel)


class LedgerWalk(RuleBasedStateMachine):
    """One walk; it is undone afterwards."""

    world: ClassVar[World]
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block._from_testcase = True  # type: ignore[attr-defined]  # as in Django's own tests: use-cases may begin in it
        self.block.__enter__()
        self.now = timezone.now()
        self.buyer, self.listings = self.world.buyer, self.world.listings
        self.payments = list(self.world.payments)
        self.came, self.went_back = sum(payment.amount_fen for payment in self.payments), 0
        self.receipts: Counter[int] = Counter(self.world.receipts)

    def teardown(self) -> None:
        try:
            if not connection.needs_rollback:
                self._statements_are_receipts()
                self._everything_goes_back()
                self._the_books_hold()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def attempt(self, name: str, act: Callable[[], T]) -> T | None:
        """Somebody tries; what is refused changes nothing."""
        type(self).steps[name] += 1
        try:
            return act()
        except DomainError:
            type(self).steps["refused"] += 1
            return None

    @staticmethod
    def one_of(found: Sequence[T], pick: int) -> T | None:
        return found[pick % len(found)] if found else None

    def parcel(self, pick: int, *states: str) -> Parcel | None:
        found = Parcel.objects.filter(order__buyer=self.buyer, state__in=states).order_by("pk")
        return self.one_of(list(found.select_related("order__buyer", "farmer__user")), pick)

    def claim(self, pick: int) -> Claim | None:
        found = Claim.objects.filter(parcel__order__buyer=self.buyer, state="OPEN").order_by("pk")
        return self.one_of(list(found.select_related("parcel__farmer__user")), pick)

    # --- Buying and paying ---

    @rule(picks=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), min_size=1, max_size=3))
    def buyer_orders_and_pays(self, picks: list[tuple[int, int]]) -> None:
        wanted = {self.listings[number]: packs for number, packs in picks}
        order = make_order(wanted, buyer=self.buyer)
        payment = make_payment(order)
        self.payments.append(payment)
        self.hear(payment)

    @rule(pick=st.integers(0, 5), packs=st.integers(1, 3), says_first=st.booleans())
    def buyer_pays_the_farmer_directly(self, pick: int, packs: int, says_first: bool) -> None:
        order = make_order({self.listings[pick]: packs}, buyer=self.buyer)
        start_payment(order_id=order.pk, buyer=self.buyer, now=timezone.now(), gateway="offline")
        payment = order.payments.get()
        self.payments.append(payment)
        if says_first:
            offline.say_paid(order_id=order.pk, buyer=self.buyer, now=timezone.now())
        farmer = self.listings[pick].farmer.user
        if self.attempt(
            "pay directly", lambda: offline.say_came(order_number=order.number, farmer=farmer, now=self.now)
        ):
            self.came += payment.amount_fen

    @rule(pick=st.integers(0, 5), packs=st.integers(1, 3))
    def buyer_promises_to_pay_on_delivery(self, pick: int, packs: int) -> None:
        order = make_order({self.listings[pick]: packs}, buyer=self.buyer)
        if payment := self.attempt(
            "promise", lambda: on_delivery.promise(order_id=order.pk, buyer=self.buyer, now=timezone.now())
        ):
            self.payments.append(payment)

    def promised(self, pick: int) -> Parcel | None:
        found = Parcel.objects.filter(order__buyer=self.buyer, order__payments__gateway="on_delivery").order_by("pk")
        return self.one_of(list(found.select_related("order__buyer", "farmer__user")), pick)

    @rule(pick=PICK)
    def money_comes_on_delivery(self, pick: int) -> None:
        if parcel := self.promised(pick):
            about = {"order_number": parcel.order.number, "farmer": parcel.farmer.user, "now": self.now}
            if self.attempt("come", lambda: on_delivery.say_came(**about)) and parcel.order.status == "PROMISED":
                self.came += parcel.order.total_fen

    @rule(pick=PICK, by_buyer=st.booleans())
    def parcel_is_not_taken(self, pick: int, by_buyer: bool) -> None:
        if parcel := self.promised(pick):
            person = self.buyer if by_buyer else parcel.farmer.user
            about = {"order_number": parcel.order.number, "now": self.now}
            self.attempt("not taken", lambda: on_delivery.refuse(person=person, reason="", **about))
            if not by_buyer:
                self.attempt("back", lambda: on_delivery.came_back(farmer=person, **about))

    @rule(pick=st.integers(0, 5))
    def payment_comes_too_late(self, pick: int) -> None:
        order = make_order({self.listings[pick]: 1}, buyer=self.buyer)
        payment = make_payment(order)
        release_order(order_id=order.pk, now=order.pay_by)
        self.payments.append(payment)
        lots = Lot.objects.filter(listing=self.listings[pick])
        if pick % 2:  # all the rest was sold meanwhile, so the money goes back
            lots.update(harvested=F("sold") + F("held"))
        self.hear(payment)
        if pick % 2:
            lots.update(harvested=F("sold") + F("held") + 9999)

    def hear(self, payment: Payment, **changes: Any) -> None:
        event = paid_event(payment, **changes)
        is_new = not GatewayMessage.objects.filter(event_id=event.event_id).exists()
        message = self.attempt("pay", lambda: settle(event, self.now))
        if is_new and message and message.outcome == "APPLIED":
            self.came += payment.amount_fen

    @rule(pick=PICK)
    def notification_comes_again(self, pick: int) -> None:
        if payment := self.one_of(self.payments, pick):
            before = Leg.objects.count()
            self.attempt("again", lambda: settle(paid_event(payment), self.now))
            assert Leg.objects.count() == before

    @rule(pick=PICK)
    def order_is_paid_twice(self, pick: int) -> None:
        if payment := self.one_of(self.payments, pick):
            self.hear(payment, event_id=f"twice-{payment.pk}", trade_number=f"T{payment.pk}")

    @rule(pick=PICK)
    def money_is_back_with_the_buyer(self, pick: int) -> None:
        refund = self.one_of(list(Refund.objects.filter(payment__order__buyer=self.buyer).order_by("pk")), pick)
        if refund:
            self.attempt("refund", lambda: refunding.finish_refund(refund_id=refund.pk, now=self.now))
            self.went_back += refund.amount_fen if refund.status != "DONE" else 0

    # --- Parcels and claims ---

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for parcel in Parcel.objects.filter(order__buyer=self.buyer, timer_at__lte=self.now).order_by("pk"):
            self.attempt("timer", lambda pk=parcel.pk: parcels.run_timer(parcel_id=pk, now=self.now))

    @rule(pick=PICK)
    def farmer_posts(self, pick: int) -> None:
        if parcel := self.parcel(pick, "TO_PACK"):
            self.attempt("post", lambda: post(parcel, now=self.now))

    @rule(pick=PICK)
    def buyer_receives(self, pick: int) -> None:
        if parcel := self.parcel(pick, "ON_THE_WAY"):
            self.attempt("receive", lambda: parcels.receive_parcel(parcel_id=parcel.pk, actor=self.buyer, now=self.now))

    @rule(pick=PICK)
    def parcel_is_cancelled(self, pick: int) -> None:
        if parcel := self.parcel(pick, "TO_PACK", "ON_THE_WAY"):
            self.attempt(
                "cancel",
                lambda: cancel_and_refund(parcel_id=parcel.pk, actor=self.buyer, reason="", now=self.now),
            )

    @rule(pick=PICK, fen=st.integers(1, 30_000), how=st.sampled_from(["part", "whole", "counted", "crushed"]))
    def buyer_claims(self, pick: int, fen: int, how: str) -> None:
        if parcel := self.parcel(pick, "RECEIVED"):
            is_counted = how in ("counted", "crushed")
            said: dict[str, Any] = {
                "kind": "CRUSHED" if how == "crushed" else "SPOILED",
                "words": "烂了",
                "asked_fen": fen if how == "part" else None,
                "counts": [Count(line.pk, 1 + fen % 7, 7) for line in parcel.lines.all()] if is_counted else (),
                "uploads": [picture()] if is_counted else [],
            }
            self.attempt(
                "claim", lambda: claiming.open_claim(parcel_id=parcel.pk, buyer=self.buyer, now=self.now, **said)
            )

    @rule(pick=PICK, fen=st.integers(1, 5_000))
    def claim_is_answered(self, pick: int, fen: int) -> None:
        if claim := self.claim(pick):
            farmer = claim.parcel.farmer.user
            if fen % 3 == 0:
                self.attempt("agree", lambda: claiming.agree_to_claim(claim_id=claim.pk, farmer=farmer, now=self.now))
                return
            said = {"words": "发货时好的", "offered_fen": fen if fen % 3 == 1 else None}
            self.attempt(
                "dispute", lambda: claiming.dispute_claim(claim_id=claim.pk, farmer=farmer, now=self.now, **said)
            )

    @rule(pick=PICK, fen=st.integers(0, 5_000), how=st.sampled_from(["accept", "withdraw", "decide"]))
    def claim_ends(self, pick: int, fen: int, how: str) -> None:
        if claim := self.claim(pick):
            ends: dict[str, Callable[[], object]] = {
                "accept": lambda: claiming.accept_offer(claim_id=claim.pk, buyer=self.buyer, now=self.now),
                "withdraw": lambda: claiming.withdraw_claim(claim_id=claim.pk, buyer=self.buyer, now=self.now),
                "decide": lambda: claiming.decide_claim(
                    claim_id=claim.pk,
                    moderator=self.world.moderator,
                    back_fen=min(fen, claim.asked_fen),
                    reason="看过了",
                    cause=Claim.Cause.values[pick % 3],
                    now=self.now,
                ),
            }
            self.attempt(how, ends[how])

    @rule(pick=PICK, fen=st.integers(0, 3_000), by_farmer=st.booleans(), cause=st.sampled_from(Claim.Cause.values))
    def claim_is_appealed(self, pick: int, fen: int, by_farmer: bool, cause: str) -> None:
        found = Claim.objects.filter(parcel__order__buyer=self.buyer, appeal=None).exclude(
            state__in=["OPEN", "WITHDRAWN"]
        )
        if claim := self.one_of(list(found.select_related("parcel__farmer__user").order_by("pk")), pick):
            about: dict[str, Any] = {"claim_id": claim.pk, "now": self.now}
            person = claim.parcel.farmer.user if by_farmer else self.buyer
            if self.attempt("appeal", lambda: appealing.appeal_claim(person=person, words="不对", **about)):
                said = {"more_fen": fen, "cause": cause, "reason": "再看过", "moderator": self.world.another}
                self.attempt("decide appeal", lambda: appealing.decide_claim_appeal(**said, **about))

    @rule(pick=PICK, share=st.integers(1, 100))
    def part_goes_back_long_after(self, pick: int, share: int) -> None:
        parcel = self.parcel(pick, "SETTLED")
        if parcel and parcel.order.paid_at:
            fen = (parcel.total_fen - parcel.refunded_fen) * share // 100
            if fen:
                self.attempt("late refund", lambda: _give_back(parcel_id=parcel.pk, fen=fen, now=self.now))

    # --- Payouts ---

    @rule()
    def batch_is_prepared(self) -> None:
        self.attempt("prepare", lambda: paying_out.prepare_batch(actor=self.world.one, now=self.now))

    @rule(pick=PICK, who=st.sampled_from(["two", "one", "two"]), drop=st.integers(0, 7))
    def batch_moves_on(self, pick: int, who: str, drop: int) -> None:
        batch = self.one_of(list(PayoutBatch.objects.filter(state__in=["PREPARED", "APPROVED"]).order_by("pk")), pick)
        if batch is None:
            return
        about: dict[str, Any] = {"batch_id": batch.pk, "actor": getattr(self.world, who), "now": self.now}
        if drop == 0:
            self.attempt("drop", lambda: paying_out.drop_batch(reason="x", **about))
        elif batch.state == "PREPARED":
            self.attempt("approve", lambda: paying_out.approve_batch(**about))
        else:
            self.attempt("send", lambda: paying_out.send_batch(**about))

    @rule(pick=PICK, back=st.integers(0, 3))
    def bank_says(self, pick: int, back: int) -> None:
        payout = self.one_of(list(Payout.objects.filter(state__in=["SENT", "PAID"]).order_by("pk")), pick)
        if payout is None:
            return
        about: dict[str, Any] = {"payout_id": payout.pk, "actor": self.world.two, "now": self.now}
        if back == 0:
            said = {"reason": "户名不符", "is_payee_wrong": False}
            if self.attempt("return", lambda: paying_out.return_payout(**about, **said)) and payout.state == "PAID":
                self.receipts[payout.farmer_id] -= payout.amount_fen
        elif self.attempt("confirm", lambda: paying_out.confirm_payout(**about)):
            self.receipts[payout.farmer_id] += payout.amount_fen

    # --- What must hold after every step ---

    @invariant()
    def the_books_hold(self) -> None:
        self._the_books_hold()

    @rule()
    def statements_are_read(self) -> None:
        self._statements_are_receipts()

    def _the_books_hold(self) -> None:
        with connection.cursor() as cursor:  # what a COMMIT would check
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        sums = Leg.objects.values_list("account__kind", "account__farmer_id").annotate(fen=Sum("fen")).order_by()
        balance: Counter[str] = Counter()
        for kind, farmer_id, fen in sums:
            balance[kind] += fen
            if farmer_id and kind != Kind.FARMER_DUE:
                assert fen <= 0, f"{kind} of {farmer_id} is below nothing"
        assert sum(balance.values()) == 0
        assert balance[Kind.PROVIDER] == self.came - self.went_back - self.receipts.total()
        for kind in COVER:
            assert balance[kind] >= 0, f"{kind} was given more back than it bore"
        for kind in (Kind.REFUND_DUE, Kind.PLATFORM_HELD, Kind.PLATFORM, Kind.FUND_HELD, Kind.FUND):
            assert balance[kind] <= 0, f"{kind} is below nothing"
        owed = Refund.objects.exclude(status="DONE").aggregate(fen=Sum("amount_fen"))["fen"] or 0
        assert -balance[Kind.REFUND_DUE] == owed
        on_the_way = Payout.objects.filter(state__in=Payout.UNDER_WAY).aggregate(fen=Sum("amount_fen"))["fen"] or 0
        assert -balance[Kind.FARMER_PAYOUT] == on_the_way

    def _statements_are_receipts(self) -> None:
        """A farmer's statement is what arrived, what is under way and what is still here; each line is whole to the fen."""
        for farmer_id in {listing.farmer_id for listing in self.listings}:
            farmer = next(each.farmer for each in self.listings if each.farmer_id == farmer_id)
            theirs = Parcel.objects.filter(farmer=farmer).select_related("order").prefetch_related("lines")
            statement = sum(money.total_fen for money in earnings.with_money(list(theirs)))
            way = Payout.objects.filter(farmer=farmer, state__in=Payout.UNDER_WAY)
            here = earnings.money_of(farmer)
            under_way = way.aggregate(fen=Sum("amount_fen"))["fen"] or 0
            direct = self._paid_directly(farmer)
            assert statement == self.receipts[farmer_id] + under_way + here.held_fen + here.due_fen + direct
        for payout in Payout.objects.all():
            assert sum(fen for _line, fen in lines_of(payout)) == payout.amount_fen
        self._lines_are_whole()

    def _paid_directly(self, farmer: Farmer) -> int:
        """What farmers have by their own code or on delivery: all that came, less what they send back; others may bear that
        afterwards."""
        payments = Payment.objects.filter(gateway__in=DIRECT, status="SUCCEEDED", order__parcels__farmer=farmer)
        direct = Leg.objects.filter(account__kind=Kind.FARMER_DIRECT, account__farmer=farmer)
        came, kept = payments.aggregate(fen=Sum("amount_fen"))["fen"], direct.aggregate(fen=Sum("fen"))["fen"]
        assert 0 <= -(kept or 0) <= (came or 0)
        return -(kept or 0)

    def _lines_are_whole(self) -> None:
        """Of each paid line: what its owners have and what went back make up its price and postage."""
        legs = Leg.objects.filter(line__isnull=False).values_list("line_id", "account__kind")
        found: dict[int, Counter[str]] = {}
        for line_id, kind, fen in legs.annotate(fen=Sum("fen")).order_by():
            found.setdefault(line_id, Counter())["owned" if kind in OWNER else "back"] -= fen
        for line in OrderLine.objects.filter(pk__in=found):
            assert found[line.pk].total() == line.total_fen + line.postage_fen
            assert min(found[line.pk].values()) >= 0

    def _everything_goes_back(self) -> None:
        """No drift: when the last fen of every parcel has gone back, of each line only what others bore is left."""
        for order in Order.objects.filter(buyer=self.buyer, status="PAID"):
            for parcel in order.parcels.exclude(state="CANCELLED"):
                if left := parcel.total_fen - parcel.refunded_fen:
                    _give_back(parcel_id=parcel.pk, fen=left, now=self.now)
        left_over = (
            Leg.objects.filter(line__isnull=False, account__kind__in=[*OWNER, *COVER])
            .values_list("line_id", "part")
            .annotate(fen=Sum("fen"))
            .exclude(fen=0)
        )
        assert list(left_over.order_by()) == []
