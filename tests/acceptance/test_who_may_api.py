"""Who may do what in the API: one row for each method of each address, tried by those whom it does not concern.

The rows come from the resolver: a new address or method without a row fails. Each says what a guest, a signed-in
stranger, another farmer of the same county and the person it belongs to are answered; the first three change nothing
unless the answer is a success. The records are those of tests/config/village.py.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver, reverse

from tests.acceptance.api_rows import IN, MAY
from tests.config.test_who_may import everything
from tests.config.village import Village, make_village
from tests.make import NOON

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(autouse=True)
def the_day_of_the_village() -> Iterator[None]:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def village() -> Village:
    return make_village()


def routes() -> set[tuple[str, str]]:
    """Every named address under /api/v1/ with each method its view has."""
    found = set()
    api = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "api")
    v1 = next(one for one in api.url_patterns if str(one.pattern) == "v1/")
    stack = list(v1.url_patterns)
    while stack:
        one = stack.pop()
        if hasattr(one, "url_patterns"):
            stack += one.url_patterns
            continue
        assert one.name, f"an address without a name: {one.pattern}"
        found |= {(one.name, method) for method in one.callback.actions if method in METHODS}
    return found


def path_of(name: str, village: Village) -> str:
    return reverse(f"api:{name}", args=IN[name](village) if name in IN else [])


def as_(village: Village, who: str) -> Client:
    client = Client()
    if who != "guest":
        client.force_login(village.people[who])
    return client


def ask(village: Village, client: Client, name: str, method: str) -> Any:
    return _sent(client, method, path_of(name, village))


def _sent(client: Client, method: str, path: str) -> Any:
    sent = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
    return getattr(client, method)(path, **sent, headers={"Idempotency-Key": str(uuid.uuid4())})


def test_every_address_and_method_has_its_row():
    assert routes() - set(MAY) == set(), "without a row: say who may (tests/acceptance/api_rows.py)"
    assert set(MAY) - routes() == set(), "rows of what is gone"


@pytest.mark.parametrize(("column", "who"), list(enumerate(["guest", "stranger", "neighbour"])))
def test_whom_it_does_not_concern_gets_nothing_and_changes_nothing(village, column, who):
    client, got, expected = as_(village, who), {}, {}
    before = everything()
    for (name, method), (answers, _owner) in MAY.items():
        expected[name, method] = answers.split()[column]
        response = ask(village, client, name, method)
        got[name, method] = str(response.status_code)
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json", (name, method)
    after = everything()
    changed = [table for table in before if before[table] != after[table]]

    assert got == expected
    assert changed == [], "a refused or empty request changed something"


def test_whose_it_is_gets_it(village):
    clients = {who: as_(village, who) for who in village.people}
    got, expected = {}, {}
    for (name, method), (answers, owner) in MAY.items():
        expected[name, method] = answers.split()[3]
        if method == "get":
            got[name, method] = str(ask(village, clients[owner], name, method).status_code)

    assert got == {key: answer for key, answer in expected.items() if key[1] == "get"}


def test_an_id_that_is_none_is_not_found(village):
    clients = {who: as_(village, who) for who in village.people}
    for name, values in IN.items():
        for place, real in enumerate(values(village)):
            for bad in (0, 2**63 - 1, 10**30) if isinstance(real, int) else ("nothing-like-it",):
                args = [*values(village)]
                args[place] = bad
                method = next(method for route, method in MAY if route == name)
                client = clients[MAY[name, method][1]]
                path = reverse(f"api:{name}", args=args)
                answer = _sent(client, method, path)
                assert answer.status_code == 404, (name, bad, answer.status_code)
