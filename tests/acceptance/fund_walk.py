"""A fund that lives by chance: gifts, rounding up, allotments, grants, refunds and returns, tried in any order.

Beside it stands a tally of what a bystander would see: what each person gave for what, and what was paid out. It reads
nothing of the ledger, and the ledger nothing of it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accounts.models import User
from common.errors import DomainError
from config.verify import run
from fund import queries
from fund.invariants import CHECKS
from fund.models import Allotment, GiftReturn, Grant, Programme, Trace
from fund.services import giving, grants, programmes
from payments.models import Account, Entry, Gift, Leg, Payment, Refund
from payments.services import refunding, settle
from tests.fund import scene
from tests.make import make_farmer, make_user
from tests.payments.payout_scene import make_settled
from tests.payments.scene import paid_event
from tests.planning import analyze

T = TypeVar("T")
PICK = st.integers(0, 10_000)
FEN = st.integers(100, 90_000)
Kind = Account.Kind
PURPOSES = ("meals", "books", "clinics", "women-start", "education", "health", "women")
AREA_OF = {"meals": "EDUCATION", "books": "EDUCATION", "clinics": "HEALTH", "women-start": "WOMEN"}


class World:
    """What every walk starts from: two who handle the fund, donors, four programmes in three areas, a released share;
    gifts for each, grants at every stage, and something of each kind that waits for a second person.
    """

    def __init__(self) -> None:
        self.one, self.two = scene.make_steward("One"), scene.make_steward("Two")
        self.donors: list[User | None] = [make_user("Donor"), make_user("Another"), None]
        made = {slug: scene.make_programme(self.one, slug, area=area) for slug, area in AREA_OF.items()}
        self.programmes = list(made.values())
        self.payee = scene.make_payee(self.one)
        self.farmer = make_farmer(women_led=True)
        make_settled(self.farmer, packs=20)
        self.came: Counter[str] = Counter()  # by area: gifts and the sales' share
        self.left: Counter[str] = Counter()  # by area: paid grants and gifts given back
        self._begin()

    def _begin(self) -> None:
        for number, purpose in enumerate(PURPOSES):
            for fen in (50_000, 30_001):
                last = scene.arrived(fen, purpose, self.donors[number % 3])
                self.came[AREA_OF.get(purpose, purpose.upper())] += fen
        for programme in self.programmes:
            scene.make_grant(programme, 7_777, self.one, self.payee)
            scene.approve(scene.make_grant(programme, 20_000, self.one, self.payee), self.two)
            scene.paid_grant(programme, 33_333, self.one, self.two, payee=self.payee)
            self.left[programme.area] += 33_333
        scene.make_allotment(self.one, 9_000, self.programmes[0], from_area=True)
        scene.make_allotment(self.one, 5_000, self.programmes[2])
        giving.prepare_return(gift_id=last.pk, actor=self.one, reason="x", now=timezone.now())
        analyze()  # else the checks are planned for the empty tables of a moment ago, and take minutes


class FundWalk(RuleBasedStateMachine):
    """One walk; it is undone afterwards."""

    world: ClassVar[World]
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block._from_testcase = True  # type: ignore[attr-defined]  # as in Django's own tests: use-cases may begin in it
        self.block.__enter__()
        self.now = timezone.now()
        self.came, self.left = Counter(self.world.came), Counter(self.world.left)
        self.pool = queries.pool_fen()

    def teardown(self) -> None:
        try:
            if not connection.needs_rollback:
                self._holds(CHECKS)
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

    def person(self, pick: int) -> User:
        return (self.world.one, self.world.two)[pick % 2]

    @staticmethod
    def area_of(purpose: str) -> str:
        return AREA_OF.get(purpose, purpose.upper())

    # --- Giving ---

    @rule(purpose=st.sampled_from(PURPOSES), fen=FEN, who=st.integers(0, 2), times=st.integers(1, 3))
    def somebody_gives(self, purpose: str, fen: int, who: int, times: int) -> None:
        gift = scene.make_gift(fen, purpose, self.world.donors[who], now=self.now)
        payment = scene.make_gift_payment(gift)
        for _copy in range(times):
            self.attempt("give", lambda: settle(paid_event(payment), self.now))
        self.came[self.area_of(purpose)] += fen

    @rule(pick=PICK)
    def a_gift_is_paid_twice(self, pick: int) -> None:
        payment = self.one_of(list(Payment.objects.filter(gift__isnull=False, status="SUCCEEDED").order_by("pk")), pick)
        if payment:
            again = paid_event(payment, event_id=f"twice-{payment.pk}", trade_number=f"T{payment.pk}")
            self.attempt("paid twice", lambda: settle(again, self.now))

    # --- A purpose ---

    @rule(fen=FEN, pick=PICK, as_such=st.booleans(), from_area=st.booleans())
    def somebody_proposes_a_purpose(self, fen: int, pick: int, as_such: bool, from_area: bool) -> None:
        programme = self.world.programmes[pick % 4]
        wishes: dict[str, Any] = {"from_area": from_area, "area": programme.area}
        to = None if as_such and not from_area else programme
        self.attempt("propose", lambda: scene.make_allotment(self.person(pick), fen, to, **wishes))

    @rule(pick=PICK, who=PICK, drop=st.integers(0, 5))
    def somebody_decides_about_a_purpose(self, pick: int, who: int, drop: int) -> None:
        found = self.one_of(list(Allotment.objects.filter(state="PREPARED").order_by("pk")), pick)
        if found is None:
            return
        about: dict[str, Any] = {"allotment_id": found.pk, "actor": self.person(who), "now": self.now}
        if drop == 0:
            self.attempt("drop a purpose", lambda: programmes.drop_allotment(reason="x", **about))
        elif self.attempt("allot", lambda: programmes.approve_allotment(**about)) and not found.from_area:
            self.came[found.area] += found.amount_fen
            self.pool -= found.amount_fen

    # --- Grants ---

    @rule(fen=FEN, pick=PICK, to_farmer=st.booleans())
    def somebody_prepares_a_grant(self, fen: int, pick: int, to_farmer: bool) -> None:
        programme: Programme = self.world.programmes[pick % 4]
        wishes = {"farmer_id": self.world.farmer.pk} if to_farmer else {}
        self.attempt("prepare", lambda: scene.make_grant(programme, fen, self.person(pick), self.world.payee, **wishes))

    @rule(fen=FEN, pick=PICK)
    def two_people_give_a_grant(self, fen: int, pick: int) -> None:
        """The whole way at once: what everything else stands on comes about often."""
        programme: Programme = self.world.programmes[pick % 4]
        grant = scene.make_grant(programme, fen, self.world.one, self.world.payee)
        if self.attempt("approve", lambda: scene.approve(grant, self.world.two)):
            scene.show(grant, self.world.one)
            self.attempt("pay", lambda: scene.pay(grant, self.world.two))
            self.left[programme.area] += fen

    @rule(pick=PICK, who=PICK)
    def somebody_approves(self, pick: int, who: int) -> None:
        if found := self.one_of(list(Grant.objects.filter(state="PREPARED").order_by("pk")), pick):
            self.attempt("approve", lambda: scene.approve(found, self.person(who)))

    @rule(pick=PICK)
    def evidence_comes(self, pick: int) -> None:
        if found := self.one_of(list(Grant.objects.filter(state__in=["PREPARED", "APPROVED"]).order_by("pk")), pick):
            paper = SimpleUploadedFile("receipt.pdf", scene.PAPER)
            self.attempt("evidence", lambda: scene.show(found, self.world.one, paper=paper))

    @rule(pick=PICK)
    def somebody_pays(self, pick: int) -> None:
        found = self.one_of(list(Grant.objects.filter(state="APPROVED").order_by("pk")), pick)
        if found and self.attempt("pay", lambda: scene.pay(found, self.world.two)):
            self.left[found.programme.area] += found.amount_fen

    @rule(pick=PICK, how=st.sampled_from(["report", "return", "drop"]))
    def a_grant_ends(self, pick: int, how: str) -> None:
        states = ["PREPARED", "APPROVED"] if how == "drop" else ["PAID", "REPORTED"]
        found = self.one_of(list(Grant.objects.filter(state__in=states).order_by("pk")), pick)
        if found is None:
            return
        about: dict[str, Any] = {"grant_id": found.pk, "actor": self.person(pick), "now": self.now}
        if how == "report":
            self.attempt(how, lambda: grants.report_grant(report="好", beneficiaries=3, **about))
        elif how == "drop":
            self.attempt(how, lambda: grants.drop_grant(reason="x", **about))
        elif self.attempt(how, lambda: grants.return_grant(reason="x", **about)):
            self.left[found.programme.area] -= found.amount_fen

    # --- Giving back ---

    @rule(pick=PICK)
    def somebody_proposes_to_give_back(self, pick: int) -> None:
        if gift := self.one_of(list(Gift.objects.filter(status="PAID").order_by("pk")), pick):
            about: dict[str, Any] = {"gift_id": gift.pk, "actor": self.person(pick), "now": self.now}
            self.attempt("propose a return", lambda: giving.prepare_return(reason="x", **about))

    @rule(pick=PICK, who=PICK)
    def somebody_gives_back(self, pick: int, who: int) -> None:
        found = self.one_of(list(GiftReturn.objects.filter(state="PREPARED").order_by("pk")), pick)
        if found is None:
            return
        about: dict[str, Any] = {"return_id": found.pk, "actor": self.person(who), "now": self.now}
        if done := self.attempt("give back", lambda: giving.approve_return(**about)):
            assert done.refund is not None
            self.left[self.area_of(found.gift.account.purpose.lower())] += done.refund.amount_fen

    @rule(pick=PICK)
    def the_provider_gives_it_back(self, pick: int) -> None:
        refund = self.one_of(list(Refund.objects.exclude(status="DONE").order_by("pk")), pick)
        if refund:
            self.attempt("refund", lambda: refunding.finish_refund(refund_id=refund.pk, now=self.now))

    # --- What must hold after every step ---

    @invariant()
    def the_books_hold(self) -> None:
        with connection.cursor() as cursor:  # what a COMMIT would check
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        sums = Leg.objects.values_list("account__kind", "account__purpose").annotate(fen=Sum("fen")).order_by()
        there: Counter[str] = Counter()
        total = 0
        for kind, purpose, fen in sums:
            total += fen
            if kind in (Kind.FUND_AREA, Kind.FUND_PROGRAMME, Kind.GRANT_DUE):
                assert fen <= 0, f"{kind} {purpose} is below nothing"
                there[self.area_of(purpose.lower())] -= fen
        assert total == 0, "the trial balance is not zero"
        assert queries.pool_fen() == self.pool
        for area in set(self.came) | set(there):
            assert there[area] == self.came[area] - self.left[area], f"{area}: restricted money left its area"
        self._paid_by_two_with_evidence()

    def _paid_by_two_with_evidence(self) -> None:
        for grant in Grant.objects.filter(state__in=["PAID", "REPORTED", "RETURNED"]):
            assert grant.approved_by_id is not None
            assert grant.approved_by_id != grant.prepared_by_id
            assert grant.evidence.exists()
            of_givers = Trace.objects.filter(entry=grant.reserved_entry_id).aggregate(fen=Sum("fen"))["fen"]
            assert of_givers == -grant.amount_fen

    @rule()
    def everybody_looks_at_their_giving(self) -> None:
        for given in queries.follow(queries.origins()):
            assert given.fen == given.granted + given.back + given.waiting
            assert given.waiting >= 0
        assert not Entry.objects.filter(kind="REVERSAL").exists()

    def _holds(self, checks: Sequence[Any]) -> None:
        for check in checks:
            result = run(check, self.now)
            assert result.is_clean, f"{check.name}: {result.error or result.breach}"
