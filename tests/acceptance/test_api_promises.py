"""What the API promises of every one of its addresses, tried on every one: keys, pages of lists, limits, ETags, ids in ids.

Each test walks the resolver. Whoever adds an address that moves stock or money without a key, or a list that is no page of
keyset, or an edit that can be lost, is told so here.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import KeptAnswer
from notifications.models import WebhookSubscription
from orders.models import Order, Review
from tests.acceptance.api_rows import IN, MAY
from tests.acceptance.test_who_may_api import as_, path_of, routes
from tests.config.test_who_may import everything
from tests.config.village import Village, make_claim, make_village
from tests.make import NOON, make_listing
from tests.orders.making import make_cart

pytestmark = pytest.mark.django_db

#: POSTs that move neither stock nor money, and what happens when one is sent twice.
WITHOUT_A_KEY = {
    "address-list": "one more address of one's own, 20 at most",
    "share-link-list": "one link for each person and thing (unique)",
    "share-reward": "the same choice",
    "household-price": "one wish at a time, which changes nothing",
    "household-price-code": "a code is good once",
    "address-default": "the same address is the usual one",
    "cart-line-list": "a cart holds nothing: checkout does, with a key",
    "order-again": "a cart holds nothing",
    "wish-list": "one wish (unique)",
    "device-list": "one device (unique)",
    "parcel-review": "one review of a listing in a parcel (unique)",
    "notification-read": "read is read",
    "notification-read-all": "read is read",
    "webhook-list": "one more address, 10 at most",
    "webhook-secret": "another secret; the one before signs too for a day",
    "webhook-test": "another ping, and not too often",
    "webhook-pause": "paused is paused",
    "webhook-resume": "on is on",
    "webhook-delivery-replay": "the same event under its own id",
    "own-listing-list": "another draft that nobody sees",
    "own-listing-draft": "the same draft",
    "own-listing-submit": "409: it waits already",
    "own-listing-pause": "409: it is paused already",
    "own-listing-resume": "409: it is on sale already",
    "own-photo-list": "another photo that nobody sees",
    "own-paper-list": "another paper, 4 at most",
    "sheet-list": "another sheet: nothing is saved before it is confirmed, with a key",
    "sheet-drop": "409: it is dropped already",
    "revision-decide": "409: it is decided already",
    "proposal-decide": "409: it is decided already",
    "listing-take-down": "409: it is taken down already",
    "listing-put-back": "409: it is back already",
    "applicant-decide": "409: it has been decided since",
    "applicant-tie": "one tie (unique)",
    "review-decide": "shown is shown",
    "listing-report": "one report that waits, of each person",
    "shop-report": "one report that waits, of each person",
    "report-decide": "409: it is decided already",
    "appeal-decide": "409: it is decided already",
}
#: Edits that lose nothing when two are sent at once: they say one number, or one word, that counts.
WITHOUT_IF_MATCH = {
    "cart-line": "how many packs",
    "cart-province": "where to",
    "own-on-delivery-terms": "yes or no, and up to how much",
}
NAVEL = {"produce": "navel-orange", "photos": []}
EDITS: dict[str, dict[str, Any]] = {
    "me": {"name": "别人"},
    "address-detail": {
        "recipient": "赵六", "phone": "13900000000", "province": "310000", "prefecture": "310100", "county": "310104",
        "detail": "漕溪北路 1 号",
    },
    "own-farm": {
        "county": "jiangxi-xunwu", "kind": "HOUSEHOLD", "name": "陈家", "town": "长宁镇", "village": "新村",
        "payee_kind": "ALIPAY", "payee_name": "陈桂兰", "payee_account": "13800138000",
    },
    "own-listing-start": NAVEL,
    "own-listing-pack": {"pack_grams": 5000, "price_fen": 4980, "packs": 20},
    "own-listing-harvest": {"origin": "长宁镇", "keeps_days": 30, "picked_on": "2026-11-22"},
    "own-listing-price": {"price_fen": 4990},
    "own-shop": {"story": "我家在山上。", "photo": None},
    "webhook-detail": {"events": ["order.paid"]},
    "telling": {"off": []},
}  # fmt: skip
#: What a GET needs beside its address, to be answered.
ASKED = {"checkout": lambda v: f"?address={v.address.pk}", "search-suggest": lambda v: "?q=qi"}
FILES = {"claim-photo", "paper", "label-sheet", "packing-sheet"}
#: Says how many seconds somebody has waited: another answer each time.
NEVER_THE_SAME = {"moderation-figures"}


@pytest.fixture(autouse=True)
def the_day_of_the_village() -> Iterator[None]:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def village(settings) -> Village:
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 10**9)
    return make_village()


def actions() -> dict[tuple[str, str], Any]:
    """What is called for each name and method under /api/v1/."""
    found: dict[tuple[str, str], Any] = {}
    api = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "api")
    stack = list(next(one for one in api.url_patterns if str(one.pattern) == "v1/").url_patterns)
    while stack:
        one = stack.pop()
        if hasattr(one, "url_patterns"):
            stack += one.url_patterns
        else:
            found |= {
                (one.name, method): getattr(one.callback.cls, name) for method, name in one.callback.actions.items()
            }
    return {key: action for key, action in found.items() if key in routes()}


def marked(mark: str) -> set[tuple[str, str]]:
    return {key for key, action in actions().items() if getattr(action, mark, False)}


def send(client: Client, method: str, path: str, body: Any, **headers: str) -> Any:
    sent = {"data": json.dumps(body), "content_type": "application/json"} if method != "get" else {}
    return getattr(client, method)(
        path, **sent, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def everybody(village: Village) -> dict[str, Client]:
    """A browser of each, signed in. (Signing in writes a row: do it before looking at all rows.)"""
    return {who: as_(village, who) for who in village.people}


def whose(name: str, method: str) -> str:
    return MAY[name, method][1]


# --- Idempotency-Key ---------------------------------------------------------------------------------------------------


def test_every_post_has_a_key_or_says_why_not():
    posts = {name for name, method in routes() if method == "post"}
    keyed = {name for name, method in marked("needs_idempotency_key")}

    assert posts - keyed - set(WITHOUT_A_KEY) == set(), "moves stock or money? @idempotent. Else say here why not"
    assert set(WITHOUT_A_KEY) & keyed == set()
    assert set(WITHOUT_A_KEY) - posts == set(), "rows of what is gone"
    assert len(keyed) >= 14


def test_each_of_them_refuses_to_go_without_a_key_or_with_one_used_for_something_else(village):
    clients = everybody(village)
    before, got = everything(), {}
    for name, method in sorted(marked("needs_idempotency_key")):
        client, person = clients[whose(name, method)], village.people[whose(name, method)]
        without = send(client, method, path_of(name, village), {})
        key = str(uuid.uuid4())
        KeptAnswer.objects.create(
            user=person, key=key, fingerprint="of another request", claim=uuid.uuid4(), status=200, body="{}",
            claimed_until=timezone.now(), created_at=timezone.now(),
        )  # fmt: skip
        other = send(client, method, path_of(name, village), {}, Idempotency_Key=key)
        got[name] = (without.status_code, without.json()["code"], other.status_code, other.json()["code"])
    KeptAnswer.objects.all().delete()

    assert set(got.values()) == {(400, "idempotency_key_missing", 422, "idempotency_key_reused")}
    assert [table for table, rows in everything().items() if rows != before[table]] == []


def test_each_of_them_asked_again_gives_the_same_answer_and_changes_nothing_more(village):
    clients, again = everybody(village), 0
    for name, method in sorted(marked("needs_idempotency_key")):
        client, path, key = clients[whose(name, method)], path_of(name, village), str(uuid.uuid4())
        first = send(client, method, path, {}, Idempotency_Key=key)
        if first.status_code in (400, 422):
            continue
        rows = everything()
        second = send(client, method, path, {}, Idempotency_Key=key)
        assert (second.status_code, second.content) == (first.status_code, first.content), name
        assert second["Idempotency-Replayed"] == "true", name
        assert everything() == rows, name
        again += 1

    assert again >= 8


# --- Lists, limits, ETags ----------------------------------------------------------------------------------------------


def test_every_list_is_a_page_of_keyset_and_its_pages_make_up_the_whole(village):
    clients, walked = everybody(village), {}
    for name, method in sorted(routes()):
        if method != "get" or name in FILES | {"sheet-export"}:
            continue
        client, path = clients[whose(name, method)], path_of(name, village)
        whole = client.get(f"{path}?limit=100{ASKED[name](village).replace('?', '&') if name in ASKED else ''}").json()
        assert not isinstance(whole, list), f"{name} is a list without pages"
        if "results" in whole:
            assert set(whole) == {"results", "next"}, name
            walked[name] = (whole["results"], _walk(client, f"{path}?limit=1"))

    assert [name for name, (rows, found) in walked.items() if rows[:6] != found] == []
    assert len(walked) >= 20
    assert sum(len(rows) > 1 for rows, _found in walked.values()) >= 8


def _walk(client: Client, path: str) -> list[Any]:
    """The rows of the first six pages of one."""
    rows: list[Any] = []
    while path and len(rows) < 6:
        page = client.get(path).json()
        rows += page["results"]
        path = (page["next"] or "").removeprefix("http://testserver")
    return rows


def test_whoever_asks_too_often_is_told_when_to_come_back_at_every_address(village, settings):
    clients = everybody(village)
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 0)

    for name, method in sorted(routes()):
        answer = send(clients[whose(name, method)], method, path_of(name, village), {}, Idempotency_Key="one")
        assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json"), (name, method)
        assert 1 <= int(answer["Retry-After"]) <= 61, name
        assert answer.json()["code"] == "too_many_requests"


def test_what_was_read_already_is_not_sent_again_at_any_address(village):
    clients = everybody(village)
    for name, method in sorted(routes()):
        if method != "get" or name in FILES | NEVER_THE_SAME:
            continue
        client, path = clients[whose(name, method)], path_of(name, village)
        path += ASKED[name](village) if name in ASKED else ""
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first["ETag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b""), name


def test_every_edit_takes_if_match_or_says_why_not():
    edits = {name for name, method in routes() if method in ("put", "patch")}
    guarded = {name for name, _method in marked("takes_if_match")}

    assert edits - guarded == set(WITHOUT_IF_MATCH)
    assert guarded == set(EDITS)


def test_an_edit_of_what_has_changed_since_is_refused_and_changes_nothing(village):
    clients = everybody(village)
    before, got = everything(), {}
    for name, method in sorted(marked("takes_if_match")):
        answer = send(clients[whose(name, method)], method, path_of(name, village), EDITS[name], If_Match='"old"')
        got[name] = (answer.status_code, answer.json()["code"])

    assert got == dict.fromkeys(EDITS, (412, "changed_meanwhile"))
    assert [table for table, rows in everything().items() if rows != before[table]] == []


def test_an_edit_of_what_was_read_goes_through(village):
    """The other side of it: with the tag that GET gives, nobody is told that something has changed."""
    clients = everybody(village)
    for name, method in sorted(marked("takes_if_match")):
        client = clients[whose(name, method)]
        read = f"own-listing-{'detail'}" if name.startswith("own-listing") else name
        tag = client.get(path_of(read, village))["ETag"]
        answer = send(client, method, path_of(name, village), EDITS[name], If_Match=tag)
        assert answer.status_code in (200, 409), (name, answer.content)


# --- Ids in ids, and ids in bodies --------------------------------------------------------------------------------------


def test_two_ids_that_do_not_belong_together_are_nothing(village):
    """Each of the two is there, and at least one is one's own; together they are not."""
    stranger = village.people["stranger"]
    own_hook = WebhookSubscription.objects.create(
        owner=stranger, url="https://example.com/", events=["order.paid"], secret="x", created_at=NOON
    )
    second = WebhookSubscription.objects.create(
        owner=village.people["buyer"], url="https://example.com/2", events=["order.paid"], secret="x", created_at=NOON
    )
    other_claim = make_claim(village.people["buyer"], village.farmer)
    crossed = {
        "webhook-delivery-detail": [
            ("stranger", [own_hook.pk, village.sent.pk]),
            ("buyer", [second.pk, village.sent.pk]),
        ],
        "webhook-delivery-replay": [
            ("stranger", [own_hook.pk, village.sent.pk]),
            ("buyer", [second.pk, village.sent.pk]),
        ],
        **{
            name: [
                ("helper", [village.farmer.pk, village.their_listing.pk]),
                ("specialist", [village.farmer.pk, village.live.pk]),
            ]
            for name in ("household-price", "household-price-code")
        },
        "claim-photo": [("buyer", [other_claim.pk, village.claim.photo_places.get().pk])],
    }
    nested = {name for name, values in IN.items() if len(values(village)) > 1}
    assert nested == set(crossed), "an address with two ids: try those that don't belong together"

    clients = everybody(village)
    before = everything()
    for name, tries in crossed.items():
        method = next(method for route, method in MAY if route == name)
        for who, ids in tries:
            path = path_of(name, village)
            for mine, theirs in zip(IN[name](village), ids, strict=True):
                path = path.replace(f"/{mine}/", f"/{theirs}/", 1)
            assert send(clients[who], method, path, {}).status_code == 404, (name, who)
    assert everything() == before


def test_ids_in_bodies_reach_nobody_elses(village):
    """Another's address, and what was not in the parcel."""
    stranger = village.people["stranger"]
    make_cart(stranger, {make_listing(): 1})
    order = {"address": village.address.pk, "expected_total_fen": 1}
    review = {"listing": village.their_listing.pk, "stars": 1}
    orders = Order.objects.count()

    ordered = send(as_(village, "stranger"), "post", "/api/v1/orders/", order, Idempotency_Key="one")
    priced = as_(village, "stranger").get(f"/api/v1/checkout/?address={village.address.pk}")
    reviewed = send(as_(village, "buyer"), "post", path_of("parcel-review", village), review)

    assert ordered.status_code in (404, 422)
    assert (priced.status_code, reviewed.status_code) == (404, 404)
    assert (Order.objects.count(), Review.objects.count()) == (orders, 1)
