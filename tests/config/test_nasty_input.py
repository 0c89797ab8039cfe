"""Nonsense in every query string, every form and every id: a message or a 4xx, never a crash.

Each page is asked for, and each form sent, by somebody who may; a form's fields are read off its page, so that a new
field is tried without being named here. Each address gets a sixth of the nonsense, its neighbours the rest of it;
with NASTY_ALL=1 each gets all of it, which takes minutes.
"""

import os
import re
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from tests.config.addresses import IN, address_of
from tests.config.test_who_may import MAY
from tests.config.village import Village, make_village

pytestmark = pytest.mark.django_db(transaction=True)

NASTY = [
    "a\x00b",
    "-1",
    "9" * 19,
    "9" * 5000,
    "NaN",
    "1e999",
    "１２３",
    "²",
    "2026-13-45T25:61:61Z",
    "2026-01-01T00:00:00+00:00~" + "9" * 30,
    "1_" + "9" * 30,
    "x" * 10_000,
    "{{ 7*7 }}%s%(x)s{0}",
    "\ud800",
]
SHARES = 1 if os.environ.get("NASTY_ALL") else 6
#: What views read beside the fields of the forms on their pages.
READ_FROM_QUERY = {
    "after",
    "q",
    "code",
    "sort",
    "next",
    "address",
    "province",
    "county",
    "prefecture",
    "status",
    "stock",
}
READ_FROM_FORMS = {
    "reason",
    "verdict",
    "from",
    "photo",
    "drop",
    "cover",
    "produce",
    "proposed_at",
    "seen",
    "up_to",
    "shown",
}
TIMES = {"proposed_at", "seen", "picked_on"}
BUTTONS = {"choose", "find", "csrfmiddlewaretoken"}  # they ask for the page again and keep the rest from being read
# One that is a page of it or a width is fine.
ANY_NUMBER = {
    "marketplace:sitemap_section", "payments:claim_photo", "payments:receiving_code_picture", "specialists:visit_photo",
    "field:photo",
}  # fmt: skip
LEFT_OUT = {"account_logout", "health_ready"}  # ends the session; reads nothing and is slow
GOOD = {
    "packs": "3", "left": "1", "price": "49.80", "weight": "5", "unit": "kg", "picked_on": "2026-11-23", "grade": "FIRST",
    "courier": "SF", "tracking_number": "SF0000000000000", "verdict": "ASK_CHANGE", "reason": "因为", "shown": "0",
    "stars": "5", "words": "甜", "origin": "长宁镇", "keeps_days": "30", "note": "", "name": "王小明", "recipient": "王小明",
    "phone": "13900000000", "detail": "漕溪北路 1 号", "story": "我家在山上。", "code": "123456", "action": "verify",
    "payee_kind": "BANK", "payee_name": "陈桂兰", "payee_account": "6222020000001234566",
}  # fmt: skip


@pytest.fixture
def village() -> Village:
    return make_village()


@pytest.fixture
def people(village) -> dict[str, Client]:
    """Everybody's browser. What breaks answers 500, as it would in production."""
    return {name: as_(village, name) for name in ("guest", *village.people)}


def as_(village: Village, name: str) -> Client:
    client = Client(raise_request_exception=False)
    if name != "guest":
        client.force_login(village.people[name])
    return client


def addresses(village: Village, people: dict[str, Client]) -> list[tuple[str, str, Client, set[str]]]:
    """Each address, somebody to whom it is open, and the names of the fields on the page they see there."""
    found = []
    for name in sorted(set(MAY) - LEFT_OUT):
        path, client = address_of(name, village), people[MAY[name][2]]
        if name.startswith("account_") and "password" not in name:
            client = people["guest"]
        response = client.get(path)
        page = (
            response.content.decode(errors="replace") if response.status_code == 200 and not response.streaming else ""
        )
        found.append((name, path, client, set(re.findall(r'\bname="([a-z_]+)"', page)) - BUTTONS))
    return found


def body(fields: set[str], value: str) -> str:
    """Percent-encoded, a lone surrogate too, as a broken or hostile client would send it."""
    sent = quote(value.encode("utf-8", "surrogatepass"), safe="")
    return "&".join(f"{name}={sent}" for name in sorted(fields))


def form(client: Client, path: str, sent: str) -> int:
    return client.post(path, sent, content_type="application/x-www-form-urlencoded").status_code


def test_nonsense_in_the_address_bar_breaks_nothing(village, people):
    broken = set()
    for number, (name, path, client, fields) in enumerate(addresses(village, people)):
        for value in NASTY[number % SHARES :: SHARES]:
            response = client.get(f"{path}?{body(fields | READ_FROM_QUERY, value)}")
            if response.status_code >= 500:
                broken.add((name, value[:20]))
            if response.status_code == 405:
                break

    assert broken == set()


def test_nonsense_in_every_field_at_once_breaks_nothing(village, people):
    broken = set()
    every = addresses(village, people)
    fields = READ_FROM_FORMS.union(*(names for *_rest, names in every))
    for number, (name, path, client, _fields) in enumerate(every):
        for value in NASTY[number % SHARES :: SHARES]:
            answer = form(client, path, body(fields, value))
            if answer >= 500:
                broken.add((name, value[:20]))
            if answer == 405:
                break

    assert len(fields) > 40
    assert broken == set()


def test_nonsense_in_one_field_beside_good_ones_breaks_nothing(village, people):
    """What gets past the forms when the rest of them is fine."""
    broken = set()
    for number, (name, path, client, fields) in enumerate(addresses(village, people)):
        for field in fields.union(sorted(READ_FROM_FORMS)[number % SHARES :: SHARES]):
            good = urlencode({key: word for key, word in GOOD.items() if key != field})
            value = "2026-13-45T25:61:61Z" if field in TIMES else "\x00"
            answer = form(client, path, f"{good}&{body({field}, value)}")
            if answer >= 500:
                broken.add((name, field))
            if answer == 405:
                break

    assert broken == set()


def test_nonsense_for_an_id_is_a_page_that_is_not_there(village, people):
    answers = set()
    wrong = ("0", "9" * 19, "9" * 5000, "\x00", "%ED%A0%80", "..%2f..%2fetc")
    for number, (name, values) in enumerate(IN.items()):
        if name in ANY_NUMBER:
            continue
        path = address_of(name, village)
        for real in map(str, values(village)):
            before = next(mark for mark in "./-" if f"{mark}{real}" in path)
            for value in wrong[number % SHARES :: min(SHARES, 3)]:
                client = people[MAY[name][2]]
                bad = path.replace(f"{before}{real}", f"{before}{quote(value, safe='%')}", 1)
                answers |= {(client.get(bad).status_code, name), (form(client, bad, ""), name)}

    assert [answer for answer in answers if answer[0] >= 500] == []
    assert [answer for answer in answers if answer[0] not in (302, 400, 404, 405, 415)] == []
