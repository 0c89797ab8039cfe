"""The API keeps to its own schema, whoever asks and whatever they send: every operation tried by every role.

Schemathesis makes the requests out of the schema, some right, some wrong; those that name something name real records.
Every role sends all the right ones, and those who may do most the wrong ones, too. Nothing may end in a server error, a status
that is not announced, or a body that is not as described. CONTRACT_EXAMPLES (1) asks for more of each.
"""

import copy
import os
import re
import uuid
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
import time_machine
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import Posting
from accounts.services.tokens import make_token
from config.api.schema import schema as made_schema
from config.wsgi import application
from marketplace.models import Hold, Lot
from orders.models import Order, OrderLine, Parcel
from payments.models import Claim, Entry, Leg, Payment, Payout, Refund
from tests.acceptance.api_rows import IN
from tests.config.village import Village, make_village, named_routes
from tests.make import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("contract")]  # the requests are made once, for all roles
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "1"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ROLES = ["guest", "buyer", "grower", "moderator", "specialist", "admin"]
ERRING = {"buyer", "grower", "moderator"}
MOVED = [Lot, Hold, Order, OrderLine, Parcel, Claim, Entry, Leg, Payment, Refund, Payout]
#: What each role is answered beside refusals. Else the test would be content with a shop that is shut.
REACHED = {
    "guest": {200, 401},
    "buyer": {200, 201, 204, 404, 422},
    "grower": {200, 201, 204, 404, 422},
    "moderator": {200, 404, 422},
    "specialist": {200, 404, 422},
    "admin": {200, 404, 422},
}


@pytest.fixture(autouse=True)
def the_day_of_the_village() -> Iterator[None]:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The requests come through the real WSGI application and share the test's transaction, as Django's client does it."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def village(settings) -> Village:
    with connection.cursor() as cursor:  # a run of many examples takes longer than production lets a transaction idle
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 10**9)
    village = make_village()
    Posting.objects.create(specialist=village.people["specialist"], county=village.farmer.county, starts_on=NOON.date())
    return village


@pytest.fixture(scope="module")
def cases() -> list[Any]:
    """Requests for every operation: each right or wrong in what it sends."""
    api = schemathesis.openapi.from_dict(made_schema())
    api.app = application
    operations = [found.ok() for found in api.get_all_operations()]
    right = {operation.label: _made(operation, GenerationMode.POSITIVE) for operation in operations}
    wrong = {operation.label: _made(operation, GenerationMode.NEGATIVE) for operation in operations if _asks(operation)}
    assert all(right.values()), [label for label, made in right.items() if not made]
    assert sum(1 for made in wrong.values() if made) > len(operations) / 3
    assert len(right) == sum(len(methods) for methods in made_schema()["paths"].values())
    return [case for label in right for case in (*right[label], *wrong.get(label, []))]


def _asks(operation: Any) -> bool:
    """Whether anything is sent but the address, whose places hold real records here."""
    return bool([*operation.query, *operation.headers, *operation.body])


def _made(operation: Any, mode: GenerationMode) -> list[Any]:
    """Requests for one operation; none where nothing in it could be wrong."""
    made: list[Any] = []

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        made.append(case)

    try:
        run()
    except hypothesis.errors.Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE, operation.label
    return made


def by_token(village: Village, who: str) -> dict[str, Any]:
    """What a program of theirs sends with every request."""
    if who == "guest":
        return {}
    scopes = ["read", "buy", "sell", *(["moderate"] if who in ("moderator", "specialist") else [])]
    value = make_token(user_id=village.people[who].pk, name="Program", scopes=scopes, days=30, now=NOON)[1]
    return {"headers": {"Authorization": f"Bearer {value}"}}


def by_session(village: Village, who: str) -> dict[str, Any]:
    """What a browser of theirs sends with every request."""
    client = Client()
    client.force_login(village.people[who])
    token = get_token(RequestFactory().get("/"))
    cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": token}
    return {"cookies": cookies, "headers": {"X-CSRFToken": token, "Authorization": ""}}  # else one is made up


def real_ids(path: str, village: Village) -> dict[str, Any]:
    """The village's own records for the places in an address of the schema."""
    places = re.findall(r"{(\w+)}", path)
    if not places:
        return {}
    routes = {re.sub(r"<[^>]+>", "{}", f"/{pattern}"): name for name, pattern in named_routes("api").items()}
    name = routes[re.sub(r"{\w+}", "{}", path)].removeprefix("api:")
    return dict(zip(places, map(str, IN[name](village)), strict=True))


def _right(cases: list[Any]) -> list[Any]:
    return [case for case in cases if case.meta.generation.mode == GenerationMode.POSITIVE]


@pytest.mark.parametrize("who", ROLES)
def test_no_server_error_and_no_breach_of_the_schema(village, cases, who):
    sent = cases if who in ERRING or EXAMPLES > 1 else _right(cases)

    statuses, breaches = _ask(village, sent, by_token(village, who))

    assert breaches == [], "\n\n".join(breaches)
    assert statuses >= REACHED[who]


def test_the_same_holds_in_the_session_of_a_browser(village, cases):
    statuses, breaches = _ask(village, _right(cases), by_session(village, "buyer"))

    assert breaches == [], "\n\n".join(breaches)
    assert statuses >= {200, 201, 204}


def test_what_takes_no_key_moves_neither_stock_nor_money(village, cases):
    """Everything that may be sent without an Idempotency-Key, sent right by those who sell, buy and decide."""
    unkeyed = [
        case
        for case in _right(cases)
        if case.method.lower() != "get" and "Idempotency-Key" not in {one.name for one in case.operation.headers}
    ]
    before = {model: stock_and_money(model) for model in MOVED}

    for who in ("grower", "buyer", "moderator"):
        statuses, _breaches = _ask(village, unkeyed, by_token(village, who))
        assert statuses & {200, 201, 204}

    assert len(unkeyed) >= 30
    assert [model.__name__ for model, rows in before.items() if stock_and_money(model) != rows] == []


def stock_and_money(model: Any) -> list[Any]:
    """All rows of a table."""
    return list(model.objects.order_by("pk").values_list())


def test_control_a_schema_that_promises_something_else_is_a_breach(village):
    """The checks see: an answer held against a schema with one field of another kind."""
    other = copy.deepcopy(made_schema())
    other["components"]["schemas"]["MeOutput"]["properties"]["id"] = {"type": "string"}
    api = schemathesis.openapi.from_dict(other)
    api.app = application

    _statuses, breaches = _ask(village, [api["/api/v1/me/"]["GET"].Case()], by_token(village, "buyer"))

    assert len(breaches) == 1


def _ask(village: Village, cases: list[Any], who: dict[str, Any]) -> tuple[set[int], list[str]]:
    """Send them all. Returns the statuses that came back, and in words what was not as the schema says."""
    statuses: set[int] = set()
    breaches: list[str] = []
    ids = {path: real_ids(path, village) for path in {case.operation.path for case in cases}}
    for case in cases:
        case.path_parameters = ids[case.operation.path]
        case.cookies = {}
        if case.meta and case.meta.generation.mode == GenerationMode.POSITIVE and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = str(uuid.uuid4())  # one made up was another request's: refused as such
        response = case.call(**who)
        statuses.add(response.status_code)
        try:
            case.validate_response(response, checks=CHECKS)
        except (FailureGroup, Failure) as failure:
            breaches += [f"{case.operation.label}: {failed}" for failed in getattr(failure, "exceptions", [failure])]
    return statuses, breaches
