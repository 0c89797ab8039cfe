"""Fields that are not asked for change nothing: every input of the API is sent with what an attacker would like to set.

The inputs come from the schema, so that a new endpoint is tried without being named here. What an input does not know is
refused with 422 and a pointer; nothing is saved. Nasty texts in the fields it does know end in a refusal or are kept as texts:
each address gets a quarter of them, its neighbours the rest; with NASTY_ALL=1 each gets all.
"""

import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

import config.urls  # noqa: F401  # brings in every view, and with them every input
from common.api.fields import Input
from tests.acceptance.api_rows import IN, MAY
from tests.acceptance.test_who_may_api import METHODS, path_of, routes
from tests.config.test_who_may import everything
from tests.config.village import Village, make_village
from tests.make import NOON

pytestmark = pytest.mark.django_db

WISHES: dict[str, Any] = {
    "id": 1,
    "pk": 1,
    "user": 1,
    "buyer": 1,
    "farmer": 1,
    "farmer_id": 1,
    "status": "PAID",
    "state": "SETTLED",
    "is_staff": True,
    "is_superuser": True,
    "is_moderator": True,
    "price_fen": 1,
    "total_fen": 1,
    "refunded_fen": 0,
    "amount_fen": 1,
    "paid_at": "2026-11-24T00:00:00Z",
    "pay_by": "2099-01-01T00:00:00Z",
    "held": 0,
    "sold": 0,
    "harvested": 10**6,
    "verified_at": "2026-11-24T00:00:00Z",
    "approved_revision": 1,
    "decided_by": 1,
    "scopes": ["moderate"],
    "checkout_key": str(uuid.uuid4()),
    "number": "AAAAA-AAAAA",
    "__proto__": {"is_staff": True},
}
NASTY = [
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e",
    "💩" * 600,
    "'; DROP TABLE accounts_user; --",
    "{{ 7*7 }}%s%(x)s{0}",
    " ",
    "",
]
SHARES = 1 if os.environ.get("NASTY_ALL") else 4
KNOWN = [
    "name", "recipient", "detail", "phone", "province", "reason", "note", "words", "answer", "verdict", "kind", "packs",
    "listing", "address", "stars", "seen", "proposed_at",
]  # fmt: skip
QUERIES = [
    "cursor",
    "limit",
    "q",
    "sort",
    "province",
    "county",
    "address",
    "status",
    "min_fen_per_kg",
    "parent",
    "unread",
    "near",
    "shop",
    "width",
]
#: Those whose row says that nothing at all can't be right: they read a body, and need something in it.
NEED_A_BODY = {key for key, (answers, _owner) in MAY.items() if answers.split()[3] in ("422", "415")}


@pytest.fixture(autouse=True)
def the_day_of_the_village() -> Iterator[None]:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def village(settings) -> Village:
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 10**9)
    return make_village()


def writes() -> list[tuple[str, str]]:
    """Every address and method that changes something."""
    return sorted((name, method) for name, method in routes() if method in METHODS and method not in ("get", "delete"))


def inputs() -> list[type[Input]]:
    """Every kind of input there is."""
    found, stack = [], list(Input.__subclasses__())
    while stack:
        one = stack.pop()
        found.append(one)
        stack += one.__subclasses__()
    return sorted(found, key=lambda one: one.__name__)


def owner_of(village: Village, who: str) -> Client:
    client = Client()
    client.force_login(village.people[who])
    return client


def send(client: Client, method: str, path: str, body: Any) -> Any:
    text = json.dumps(body)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    return getattr(client, method)(path, data=text, content_type="application/json", headers=headers)


def good(serializer: type[Input]) -> dict[str, Any]:
    """Values of the right kind for what an input needs."""
    found: dict[str, Any] = {}
    for name, field in serializer().fields.items():
        kind = type(field).__name__
        if not field.required:
            continue
        choices = list(getattr(field, "choices", {}) or {})
        found[name] = choices[0] if choices else {
            "IdField": 1, "WholeField": 1, "FenField": 1, "GramsField": 1, "FlagField": False, "TextField": "310000",
            "DateTimeField": "2026-11-24T00:00:00Z", "DateField": "2026-11-24", "UUIDField": str(uuid.uuid4()),
        }.get(kind, "x")  # fmt: skip
    return found


@pytest.mark.parametrize("serializer", inputs(), ids=lambda one: one.__name__)
def test_an_input_refuses_what_it_does_not_know(serializer):
    asked = set(serializer().fields)
    wishes = {name: value for name, value in WISHES.items() if name not in asked}

    found = serializer(data=good(serializer) | wishes)

    assert not found.is_valid()
    assert set(wishes) <= set(found.errors)
    assert {errors[0].code for name, errors in found.errors.items() if name in wishes} == {"unknown_field"}


def test_every_write_that_reads_a_body_refuses_one_of_wishes_alone(village):
    """Sent by the very one whose it is: refused, and not a row of any table is another one."""
    clients = {who: owner_of(village, who) for who in village.people}
    before, answers = everything(), {}

    for name, method in writes():
        if (name, method) in NEED_A_BODY:
            answers[name, method] = send(
                clients[MAY[name, method][1]], method, path_of(name, village), WISHES
            ).status_code

    after = everything()
    assert {key: status for key, status in answers.items() if status not in (415, 422)} == {}
    assert len(answers) > 15
    assert [table for table in before if before[table] != after[table]] == []


def test_what_needs_no_body_does_not_read_wishes_either(village):
    for name, method in writes():
        if (name, method) not in NEED_A_BODY:
            answer = send(owner_of(village, MAY[name, method][1]), method, path_of(name, village), WISHES)
            assert answer.status_code in (200, 201, 202, 204, 409, 422), (name, answer.status_code)

    _nothing_wished_for_came_true(village)


def _nothing_wished_for_came_true(village: Village) -> None:
    for person in village.people.values():
        before = (person.is_staff, person.is_superuser, person.is_moderator)
        person.refresh_from_db()
        assert (person.is_staff, person.is_superuser, person.is_moderator) == before
    village.unpaid.refresh_from_db()
    assert village.unpaid.status == "UNPAID"
    assert village.unpaid.total_fen > 1


def test_nasty_texts_in_known_fields_never_break_anything(village):
    clients = {who: owner_of(village, who) for who in village.people}
    bodies = [*[dict.fromkeys(KNOWN, value) for value in NASTY], NASTY]
    for number, (name, method) in enumerate(writes()):
        client, path = clients[MAY[name, method][1]], path_of(name, village)
        for sent in bodies[number % SHARES :: SHARES]:
            assert send(client, method, path, sent).status_code < 500, (name, method, str(sent)[:40])


def test_every_address_refuses_nasty_ids_and_queries(village):
    clients = {who: owner_of(village, who) for who in ("buyer", "moderator")}
    values = ("%00", "a%00b", "%ED%A0%80", "9" * 30, "-1", "x" * 2000, "%F0%9F%92%A9")
    for number, name in enumerate(sorted({name for name, method in routes() if method == "get"})):
        path = reverse(f"api:{name}", args=IN[name](village) if name in IN else [])
        client = clients["moderator" if MAY[name, "get"][1] == "moderator" else "buyer"]
        for value in values[number % SHARES :: SHARES]:
            query = "&".join(f"{one}={value}" for one in QUERIES)
            assert client.get(f"{path}?{query}").status_code < 500, (name, value)
