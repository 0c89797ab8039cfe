"""A specialist works in their county and nowhere else, and nothing they can ask for moves money, a payee or a price.

Two promises. The matrix: every address of the site and of the API, from the resolver, asked by a specialist of the
household's county (who even has its consent) and by one of another county: both get what a stranger gets, but for the
rows below. The search: random sequences of all that a specialist can send, with ids of their county and of others, after
each of which the guarded rows are what they were. Each stands beside a control that takes a guard away and must be seen.
DELEGATION_STEPS makes the search longer.
"""

import os
import random
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from accounts.models import Consent, DelegatedAct, Farmer, Posting
from accounts.services import consents
from field.kinds import KINDS
from specialists import access
from specialists.models import PriceChange
from specialists.services import acting, pricing
from specialists.views import acting as acting_views
from specialists.views import home
from tests.acceptance.api_rows import MAY as API
from tests.acceptance.test_who_may_api import ask
from tests.config.addresses import address_of
from tests.config.test_who_may import MAY, REFUSED, WISHES, as_, everything, said
from tests.config.village import Village, make_village
from tests.make import NOON, make_farmer, make_listing, make_produce
from tests.orders.making import make_parcel

pytestmark = pytest.mark.django_db
STEPS = int(os.environ.get("DELEGATION_STEPS", "70"))

#: What a specialist of the county opens and a stranger doesn't: (answer to GET, to an empty POST); "" for as a stranger.
THEIRS: dict[str, tuple[str, str]] = {
    "accounts:verification_queue": ("200", ""),
    "accounts:verification_decide": ("200", "422"),
    "accounts:payee_stop_for": ("", "302"),
    "accounts:recovery_ask": ("200", "422"),
    "accounts:farmer_document": ("200", ""),
    "orders:late_list": ("200", ""),
    "training:figures": ("200", ""),
    "field:home_for": ("200", ""),
    "field:entry_for": ("200", "422"),
    "field:photo_up": ("200", "422"),
    "insights:planning": ("200", ""),
}  # fmt: skip
THEIR_API = {
    ("applicant-list", "get"),
    ("applicant-detail", "get"),
    ("paper", "get"),
    ("applicant-decide", "post"),
    ("late-list", "get"),
    ("household-price", "post"),
    ("household-price-code", "post"),
}


@pytest.fixture(autouse=True)
def the_day_of_the_village():
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def village() -> Village:
    return make_village()


def differs(
    village: Village, *whom: str, among: str = "", names: Collection[str] = tuple(MAY)
) -> list[dict[str, tuple[str, str]]]:
    """For each of these specialists the addresses where they get something else than a stranger, and what.

    For GET, and for a POST full of wishes.
    """
    asked = {who: as_(village, who) for who in ("stranger", *whom)}
    found: list[dict[str, tuple[str, str]]] = [{} for _ in whom]
    for name in names:
        _get, post, _owner = MAY[name]
        if not name.startswith(among):
            continue
        path, answers = address_of(name, village), []
        is_refused = post.split()[1] in REFUSED
        for client in asked.values():
            got = said(client.get(path))
            answers.append((got, said(client.post(path, WISHES)) if is_refused else ""))
        for one, answer in zip(found, answers[1:], strict=True):
            if answer != answers[0]:
                one[name] = answer
    return found


def test_every_address_gives_a_specialist_what_a_stranger_gets_but_for_their_own_pages(village):
    before = everything()
    here, elsewhere = differs(village, "helper", "specialist")
    after = everything()

    assert {name for name in here if not name.startswith("specialists:")} <= set(THEIRS)
    pages = {name for name in MAY if name.startswith("specialists:")}
    farmers = {"helped", "act_undo", "consent_end", "paper", "paper_queue", "paper_decide"}
    assert {name.removeprefix("specialists:") for name in pages - set(here)} == farmers
    lists = {"specialists:home", "specialists:household_list", "specialists:invitation_list", "specialists:call_note"}
    queues = {"accounts:verification_queue", "orders:late_list", "training:figures", "insights:planning"}
    queues |= {"field:photo_up"}  # photos of their own, on the way to an entry
    assert set(elsewhere) == lists | queues, "of another county nothing but their own lists"
    guarded = [table for table in before if before[table] != after[table] and table in MONEY_TABLES]
    assert guarded == [], "wishes full of prices and accounts changed none"


def test_every_api_address_gives_a_specialist_what_a_stranger_gets_but_for_verifying(village):
    clients = {who: as_(village, who) for who in ("stranger", "helper", "specialist")}
    answers: dict[tuple[str, str], dict[str, int]] = {
        (name, method): {who: ask(village, client, name, method).status_code for who, client in clients.items()}
        for name, method in API
        if method == "get" or API[name, method][0].split()[1][0] == "4"
    }

    here = {key for key, by in answers.items() if by["helper"] != by["stranger"]}
    elsewhere = {key for key, by in answers.items() if by["specialist"] != by["stranger"]}

    assert here <= THEIR_API
    assert ("applicant-decide", "post") in here, "the control: a specialist does get something here"
    assert elsewhere <= here
    assert all(method == "get" and name.endswith("list") for name, method in elsewhere)


def test_from_the_day_after_the_last_a_specialist_is_a_stranger(village):
    posted = Posting.objects.filter(specialist=village.people["helper"])
    names = {name for name in MAY if name.startswith("specialists:")} | set(THEIRS)

    posted.update(starts_on=NOON.date() - timedelta(days=9), ends_on=NOON.date() - timedelta(days=1))

    assert differs(village, "helper", names=names) == [{}]


def test_the_control_without_the_countys_guard_the_matrix_sees_the_specialist_from_elsewhere(village, monkeypatch):
    for module in (access, home):
        monkeypatch.setattr(module, "farmers_in", lambda request: Farmer.objects.exclude(user=request.user))

    assert "specialists:household_detail" in differs(village, "specialist", among="specialists:")[0]


# --- The search -----------------------------------------------------------------------------------------------------------

MONEY_TABLES = {
    "Payment",
    "Refund",
    "Payout",
    "PayoutBatch",
    "PayeeRequest",
    "ReceivingCode",
    "Claim",
    "Account",
    "Order",
}
GUARDED: dict[str, str] = {
    "payees": "SELECT id, payee_kind, payee_name, payee_account FROM accounts_farmer ORDER BY id",
    "changes of payees": "SELECT id, payee_account, state FROM accounts_payeechange WHERE state <> 'STOPPED' ORDER BY id",
    "prices": "SELECT id, price_fen FROM marketplace_listing WHERE price_fen IS NOT NULL ORDER BY id",
    "proposed prices": "SELECT id, price_fen FROM marketplace_listingrevision WHERE price_fen IS NOT NULL ORDER BY id",
    "payments": "SELECT id, status, amount_fen FROM payments_payment ORDER BY id",
    "refunds": "SELECT id, status, amount_fen FROM payments_refund ORDER BY id",
    "payouts": "SELECT id, state, amount_fen FROM payments_payout ORDER BY id",
    "claims": "SELECT id, state, decided_fen FROM payments_claim ORDER BY id",
    "receiving codes": "SELECT id, state FROM payments_receivingcode ORDER BY id",
    # Posting gives a farmer the first part of their own money: no other entry, and for no parcel without its act.
    "ledger": """SELECT e.id FROM payments_entry e LEFT JOIN accounts_delegatedact a
        ON a.about = 'parcel:' || e.parcel_id AND a.kind = 'PARCEL' WHERE e.kind <> 'POSTED' OR a.id IS NULL ORDER BY e.id""",
    "another's money": """SELECT l.id FROM payments_leg l JOIN payments_entry e ON e.id = l.entry_id
        JOIN payments_account c ON c.id = l.account_id JOIN orders_parcel p ON p.id = e.parcel_id
        WHERE e.kind = 'POSTED' AND c.farmer_id <> p.farmer_id""",
}  # fmt: skip
ELSEWHERE: dict[str, str] = {
    "farmer": "SELECT f.status, f.status_reason FROM accounts_farmer f WHERE f.id = %(foreign)s",
    "lots": """SELECT l.id, l.harvested, l.closed_at FROM marketplace_lot l JOIN marketplace_listing g ON g.id = l.listing_id
        WHERE g.farmer_id = %(foreign)s ORDER BY l.id""",
    "listings": "SELECT id, status FROM marketplace_listing WHERE farmer_id = %(foreign)s ORDER BY id",
    "revisions": """SELECT r.id, r.status FROM marketplace_listingrevision r JOIN marketplace_listing g ON g.id = r.listing_id
        WHERE g.farmer_id = %(foreign)s ORDER BY r.id""",
    "parcels": "SELECT id, state, tracking_number FROM orders_parcel WHERE farmer_id = %(foreign)s ORDER BY id",
    "visits": "SELECT id, note FROM specialists_visit WHERE farmer_id = %(foreign)s ORDER BY id",
    "notes": "SELECT id FROM specialists_callnote WHERE farmer_id = %(foreign)s ORDER BY id",
    "consents": "SELECT id, state FROM accounts_consent WHERE farmer_id = %(foreign)s ORDER BY id",
    "acts": "SELECT id FROM accounts_delegatedact WHERE farmer_id = %(foreign)s ORDER BY id",
    "invitations": """SELECT i.id, i.withdrawn_at FROM accounts_invitation i JOIN accounts_farmer f
        ON f.county_id = i.county_id WHERE f.id = %(foreign)s ORDER BY i.id""",
}


class Search:
    """A specialist who tries everything, with ids of their own county and of another."""

    def __init__(self, village: Village, seed: int) -> None:
        self.village, self.dice = village, random.Random(seed)
        self.client = as_(village, "helper")
        county = Posting.objects.get(specialist=village.people["specialist"]).county
        self.foreign = make_farmer("A household elsewhere", county=county)
        listing = make_listing(self.foreign, packs=40)
        parcels = [make_parcel(wanted={listing: 1}) for _parcel in range(2)]
        mine = [make_parcel(wanted={village.live: 1}) for _parcel in range(3)]
        self.farmers = [village.farmer.pk, self.foreign.pk, village.people["neighbour"].farmer.pk]
        self.listings = [village.live.pk, listing.pk, village.their_listing.pk]
        self.parcels = [*mine, *parcels]
        self.produce = make_produce()

    def guarded(self) -> dict[str, list[Any]]:
        found = {}
        with connection.cursor() as cursor:
            for name, sql in (GUARDED | {f"elsewhere: {name}": sql for name, sql in ELSEWHERE.items()}).items():
                cursor.execute(sql, {"foreign": self.foreign.pk} if "elsewhere" in name else None)
                found[name] = cursor.fetchall()
        return found

    def run(self, steps: int) -> set[str]:
        """Which of the guarded things changed. Empty: nothing did."""
        before = self.guarded()
        for _step in range(steps):
            cache.clear()
            self.dice.choice(self.moves())()
        after = self.guarded()
        return {name for name in before if before[name] != after[name]}

    def moves(self) -> list[Callable[[], Any]]:
        theirs = [self.post_parcel, self.open_lot, self.prepare, self.visit, self.consent, self.verify]
        return [*theirs, self.ask_price, self.tell_code, self.write_entry, self.any_page]

    def send(self, name: str, *args: Any, **typed: Any) -> None:
        wishes = {"price": "1.00", "price_fen": "100", "payee_account": "6222020000001234566", "amount": "1"}
        self.client.post(reverse(f"specialists:{name}", args=args), wishes | typed)

    def post_parcel(self) -> None:
        parcel, farmer = self.dice.choice(self.parcels), self.dice.choice(self.farmers)
        self.send("parcel_post", farmer, parcel.number, courier="SF", tracking_number="SF1234567890123")

    def open_lot(self) -> None:
        args = self.dice.choice(self.farmers), self.dice.choice(self.listings)
        self.send("lot_open", *args, packs="2", when="today", grade="FIRST")

    def prepare(self) -> None:
        typed = {
            "produce": str(self.produce.pk), "weight": "5", "unit": "kg", "packs": "3", "when": "today",
            "grade": "FIRST", "origin": "镇", "keeps_days": "9", "words": "",
        }  # fmt: skip
        self.send("listing_prepare", self.dice.choice(self.farmers), **typed)

    def write_entry(self) -> None:
        """What a phone sends later: whatever kind, about whatever thing, as it is or was."""
        slug, farmer = self.dice.choice(list(KINDS)), self.dice.choice(self.farmers)
        thing = self.dice.choice([*self.listings, *(parcel.pk for parcel in self.parcels)])
        typed = {
            "key": uuid4(), "thing": f"{thing}@{self.dice.choice(self.versions())}", "price": "1.00", "packs": "2",
            "when": "today", "grade": "FIRST", "courier": "SF", "tracking_number": "SF1234567890123", "weight": "9",
            "unit": "kg", "produce": str(self.produce.pk), "origin": "镇", "keeps_days": "9",
        }  # fmt: skip
        self.client.post(reverse("field:entry_for", args=[farmer, slug]), typed, headers={"Accept": "application/json"})

    def versions(self) -> list[str]:
        farmers = Farmer.objects.filter(pk__in=self.farmers)
        seen = [value for farmer in farmers for kind in KINDS.values() for value, _words in kind.choices(farmer)]
        return [value.partition("@")[2] for value in seen] or [""]

    def visit(self) -> None:
        self.send("visit_plan", self.dice.choice(self.farmers), planned_on="2026-11-28", aim="看看")

    def consent(self) -> None:
        farmer, what = self.dice.choice(self.farmers), self.dice.choice([{"send": "1"}, {"code": "123456"}])
        self.send("consent_code", farmer, **what)

    def ask_price(self) -> None:
        """Within what the shop allows at once, so that only the farmer's code stands in between."""
        args = self.dice.choice(self.farmers), self.dice.choice(self.listings)
        self.send("price", *args, price=self.dice.choice(["45.00", "52.00"]))

    def tell_code(self) -> None:
        args = self.dice.choice(self.farmers), self.dice.choice(self.listings)
        self.send("price_code", *args, code=f"{self.dice.randrange(10**6):06}")

    def verify(self) -> None:
        path = reverse("accounts:verification_decide", args=[self.foreign.pk])
        self.client.post(path, {"verdict": "SUSPEND", "reason": "x", "seen": self.foreign.applied_at.isoformat()})

    def any_page(self) -> None:
        name = self.dice.choice([name for name in MAY if name not in {"account_logout", "health_ready"}])
        self.client.post(address_of(name, self.village), WISHES)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_sequence_of_calls_moves_money_payee_or_price_or_reaches_another_county(village, seed):
    search = Search(village, seed)

    assert search.run(STEPS) == set()
    assert DelegatedAct.objects.count() > 1, "the control: it did get things done in its own county"


def test_the_control_a_listing_prepared_with_a_price_is_found(village, monkeypatch):
    write = acting.drafts.write_fields
    monkeypatch.setattr(acting.drafts, "write_fields", lambda draft, fields: write(draft, {**fields, "price_fen": 100}))
    search = Search(village, 1)
    search.moves = lambda: [search.prepare]  # type: ignore[method-assign]

    assert "proposed prices" in search.run(6)


def test_the_control_where_any_code_will_do_a_price_is_found_and_nothing_else(village, monkeypatch):
    monkeypatch.setattr(pricing, "try_own_code", lambda *_args, **_more: True)
    search, user = Search(village, 1), village.farmer.user
    user.phone, user.phone_verified = "+8613812349999", True
    user.save()
    search.farmers, search.listings = [village.farmer.pk], [village.live.pk]
    search.moves = lambda: [search.ask_price, search.tell_code]  # type: ignore[method-assign]

    assert search.run(12) == {"prices"}
    assert PriceChange.objects.filter(act__kind="PRICE", act__specialist=village.people["helper"]).exists()


def test_the_control_without_consent_and_posting_another_county_is_reached(village, monkeypatch):
    """Views, services and triggers each refuse it; all three are taken away here."""
    search, helper = Search(village, 1), village.people["helper"]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("accounts_consent", "accounts_delegatedact"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    Consent.objects.create(
        farmer=search.foreign, specialist=helper, way="CODE", state="STANDS", asked_at=NOON, given_at=NOON
    )
    monkeypatch.setattr(acting_views, "household", lambda request, pk: Farmer.objects.get(pk=pk))
    monkeypatch.setattr(consents, "lock_posting", lambda **asked: None)
    search.moves = lambda: [search.post_parcel, search.open_lot]  # type: ignore[method-assign]

    assert {"elsewhere: lots", "elsewhere: acts"} & search.run(25)
